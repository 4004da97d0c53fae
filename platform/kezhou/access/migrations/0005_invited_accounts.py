"""An invitation may be for an account that is there already: that of somebody of a customer or partner."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import migrations

import kezhou.records.link


class Migration(migrations.Migration):
    """Invitations for a member or for an account."""

    dependencies: ClassVar = [("access", "0004_consent"), ("access", "0004_role_start")]

    operations: ClassVar = [
        migrations.AlterField(
            model_name="invitation",
            name="member",
            field=kezhou.records.link.Link(null=True, on_delete="refuse", to="access.member"),
        ),
        migrations.AddField(
            model_name="invitation",
            name="account",
            field=kezhou.records.link.Link(null=True, on_delete="refuse", to=settings.AUTH_USER_MODEL),
        ),
    ]
