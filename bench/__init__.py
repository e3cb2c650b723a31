"""The benchmark (`python -m bench`), the calibration study and the made-up files that they work on."""
