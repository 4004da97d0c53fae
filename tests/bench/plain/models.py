"""The same companies as a plain table with a JSONField."""

from django.db import models


class Company(models.Model):
    """One company; own fields under their keys in `custom`, with the index that Django documents for it (none)."""

    name = models.CharField(max_length=200)
    category = models.CharField(max_length=40)
    industry = models.CharField(max_length=40)
    phone = models.CharField(max_length=40)
    email = models.EmailField()
    province = models.CharField(max_length=40)
    city = models.CharField(max_length=40)
    address = models.CharField(max_length=200)
    remark = models.TextField()
    owner = models.IntegerField()
    department = models.IntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    custom = models.JSONField(default=dict)

    class Meta:
        app_label = "plain"
        db_table = "plain_company"

    def __str__(self) -> str:
        return self.name
