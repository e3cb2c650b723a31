SELECT creator_key FROM stage.previous_accounts
UNION
SELECT accounts.creator_key
FROM core.accounts AS accounts
INNER JOIN stage.observed_accounts AS observed ON accounts.account_key = observed.account_key
