"""The entrance of customers and partners, on the same records, rights and search as everything else (POR-01, POR-17 to POR-24)."""
