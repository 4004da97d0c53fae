"""设置 › 搜索: the company's own words, and what is searched for."""
