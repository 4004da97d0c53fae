"""Run `main` of a bench module as a process of the installation and print its answer as one line of JSON."""

import importlib
import json
import sys

import django

if __name__ == "__main__":
    django.setup()
    print(json.dumps(importlib.import_module(sys.argv[1]).main(*sys.argv[2:])))
