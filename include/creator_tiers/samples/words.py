"""Made-up names and texts. Nothing here was written by a real account."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Texts = npt.NDArray[np.object_]

ADJECTIVES = (
    "amber", "brisk", "calico", "dapper", "eager", "fabled", "gentle", "hazel", "idle", "jolly", "kindly", "lunar",
    "mellow", "nimble", "olive", "plucky", "quilted", "rustic", "sunny", "tidy", "umber", "velvet", "wistful",
    "yonder", "zesty", "breezy", "cosy", "drowsy", "fuzzy", "gilded", "humble", "ivory",
)  # fmt: skip
NOUNS = (
    "acorn", "badger", "cricket", "dumpling", "ember", "fiddle", "gecko", "hammock", "igloo", "juniper", "kettle",
    "lantern", "muffin", "noodle", "otter", "pebble", "quokka", "radish", "saddle", "teapot", "urchin", "violin",
    "walrus", "yodel", "zeppelin", "biscuit", "canoe", "daisy", "falcon", "goblet",
)  # fmt: skip
NICHES = ("Beauty", "Food & Cooking", "Fitness", "Travel", "Home & Garden", "Gaming", "Parenting", "Books")
COUNTRIES = ("United States", "Germany", "Brazil", "United Kingdom", "India", "Sweden", "Mexico", "Nigeria")

CAPTIONS = (
    "Slow mornings, big mugs.",
    "Small steps every single day",
    "Tried the recipe everyone asked for, and it worked 🎉",
    'My neighbour calls it "the tiny jungle". I call it Tuesday 🌿',
    "Three things that I would tell my younger self:\n\n1. start earlier\n2. rest\n3. drink water",
    "New week, new list, same chair 🪑",
    "Behind the scenes of yesterday, with bloopers 😂",
    "صباح الخير يا أصدقاء، يوم جديد وقهوة جديدة ☕",
    "בוקר טוב לכולם! יום חדש, תה חדש 🍵",
    "Bom dia, gente! Hoje tem novidade por aqui ✨",
    "Heute mal etwas anderes: ein Abend ohne Bildschirm",
    "Save this for later 👇\n\nYou will thank yourself in March.",
    'She said "just one more", and here we are.',
    "",
)
PORTUGUESE = (
    "Bom dia! Hoje tem receita nova ☕",
    'Minha avó dizia: "devagar se vai ao longe" 💛',
    "Três dicas simples:\n\n1. água\n2. sono\n3. risadas",
    "Quem mais ama um domingo em casa? 🙋🏽‍♀️",
)
TITLES = (
    "I tried ten kettles so that you do not have to",
    "A calm day in the workshop",
    "The shelf that nobody asked for, finished at last",
    "How to repot a grumpy cactus, step by step",
    'What "simple" really means',
    "One week without sugar: honest notes",
    "The cheapest desk setup that still works 🔧",
    "Answering your questions, part two",
    "Packing light for a long trip",
    "Twelve tiny habits, ranked",
)
CLIPS = (
    "",
    "wait for it 😅",
    "part 2 is on the way",
    "the easiest soup of the year 🍲",
    "tell me that you own plants without telling me 🌱",
    "day one of learning the violin 🎻",
    "this took me three tries",
    "يوم هادئ في البيت 🍵",
    'POV "just one more" episode',
)
HASHTAGS = (
    "",
    "\n\n#smallthings #everyday",
    "\n.\n.\n#weekend #adventure",
    "\n\n#homemade #slowliving #tuesday",
    " #morning",
    "\n\n#learning #notes",
)
CLIP_TAGS = ("", "", " #fyp", " #fyp #smallthings ", " #adventure", " #cosy #weekend ")
DISCLOSURES = (" #ad", "\n\n#ad #gifted", "\n#sponsored", "\n\n#anzeige")


def handles(rng: np.random.Generator, count: int) -> Texts:
    """So many different handles, such as `velvet.otter7_example`. The ending says that they belong to nobody."""
    pairs = len(ADJECTIVES) * len(NOUNS)
    picks = rng.permutation(max(pairs, count))[:count] if count <= pairs else np.arange(count)
    adjective = _at(ADJECTIVES, picks % len(ADJECTIVES))
    noun = _at(NOUNS, picks // len(ADJECTIVES) % len(NOUNS))
    number = np.char.add(rng.integers(2, 100, count).astype(str), "").astype(object)
    lap = np.where(picks >= pairs, "x" + (picks // pairs).astype(str).astype(object), "")
    made: Texts = adjective + "." + noun + number + lap + "_example"
    return made


def display_names(handle: Texts) -> Texts:
    """A name to show for each handle: `Velvet Otter ✨`."""
    plain = np.char.replace(handle.astype(str), "_example", "")
    words = np.char.title(np.char.replace(plain, ".", " "))
    endings = _at((" ✨", "", "", " | Sample", " 🌿"), np.arange(len(handle)) % 5)
    named: Texts = np.char.rstrip(words, "0123456789X").astype(object) + endings
    return named


def pick(rng: np.random.Generator, choices: Any, count: int) -> Texts:
    """So many texts, drawn evenly."""
    return _at(choices, rng.integers(0, len(choices), count))


def _at(choices: Any, places: Any) -> Texts:
    found: Texts = np.asarray(choices, dtype=object)[places]
    return found
