SELECT
    accounts.account_key,
    accounts.creator_key
FROM core.accounts AS accounts
INNER JOIN stage.observed_accounts AS observed ON accounts.account_key = observed.account_key
