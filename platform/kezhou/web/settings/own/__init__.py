"""Settings › 自定义对象: making record types of the company's own, and shaping them tab by tab."""
