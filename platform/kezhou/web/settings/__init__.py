"""Settings pages: plugin catalogue, own fields, dictionaries, company."""
