"""The picture of the page in README: `make screenshot`, over the reports in $CREATOR_TIERS_HOME."""

from __future__ import annotations

import io

from PIL import Image

from creator_tiers.airflow_local.home import USER, AirflowHome
from creator_tiers.airflow_local.instance import running
from creator_tiers.settings import RESOURCES, load_settings
from tests.browsing import chromium

TARGET = RESOURCES.parent / "docs" / "images" / "airflow-page.png"


def main() -> None:
    """Start Airflow, log in, open the page, take the picture."""
    home = AirflowHome(load_settings())
    with running(home, mode="run", port=None, say=print) as (api, _), chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{api.url}/")
        page.fill("input[name=username]", USER)
        page.fill("input[name=password]", home.password)
        page.click("button[type=submit]")
        page.get_by_role("link", name="Tier reports").first.click(timeout=60_000)
        page.frame_locator("iframe").frame_locator("iframe.report").locator("h1").first.wait_for(
            timeout=60_000
        )
        page.wait_for_load_state("networkidle")
        picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("RGB").quantize(64).save(TARGET, optimize=True)
    print(f"{TARGET}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
