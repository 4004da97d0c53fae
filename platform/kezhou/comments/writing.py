"""Writing, editing, removing and pinning comments, always with the rights of the record they stand on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kezhou import notify, records
from kezhou.access.actor import Actor
from kezhou.comments.mentions import Mention, Reached, named, reached
from kezhou.comments.models import Comment
from kezhou.files import attachments
from kezhou.files.texts.keeping import changed
from kezhou.records import Entry
from kezhou.records.fields.reading import clean_lines
from kezhou.records.spec import NotAllowed, RecordNotFound, TypeSpec

LONGEST = 5_000
QUOTED = 120


class CommentRefused(Exception):
    """The comment cannot be taken; ``str()`` is the sentence to show."""


class CommentNotFound(RecordNotFound):
    """There is no such comment on this record."""


@dataclass(frozen=True, slots=True)
class Written:
    """A comment that stands, and who was told of it; `blind` names those mentioned who may not see the record."""

    pk: int
    told: int = 0
    blind: tuple[str, ...] = ()


def write(
    actor: Actor,
    type: str | TypeSpec,
    pk: int,
    text: str,
    *,
    reply_to: int | None = None,
    chosen: Iterable[int] = (),
    files: Iterable[int] = (),
) -> Written:
    """Say something about a record that the actor may see, and tell those who are mentioned or answered.

    Args:
        reply_to: the comment that is answered; an answer to an answer goes to the same comment.
        chosen: members picked from the list, where a name alone would mean several.
        files: files that the actor has just put on the record and that belong to this comment.

    Raises:
        CommentRefused: the text is empty or too long.
        CommentNotFound, RecordNotFound
    """
    entry = records.get(actor, type, pk)
    clean = _checked(text)
    asked = _find(entry, reply_to) if reply_to is not None else None
    mentions = named(clean, chosen)
    with transaction.atomic():
        row = Comment.objects.create(
            type=entry.type.key, record=pk, parent=(asked.parent or asked.pk) if asked else None,
            member=actor.member_pk, name=actor.name[:120], text=clean, created_at=timezone.now(),
            mentions=[asdict(mention) for mention in mentions],
        )  # fmt: skip
        attachments.claim(actor, entry, row.pk, files)
        changed(entry.type.key, pk)
        found = _tell(actor, entry, clean, mentions, asked)
    return Written(row.pk, len(found.members), found.blind)


def edit(actor: Actor, type: str | TypeSpec, pk: int, comment: int, text: str) -> Written:
    """Another wording for one's own comment; the earlier one is kept. Who is newly mentioned is told.

    Raises CommentRefused, CommentNotFound, NotAllowed.
    """
    entry = records.get(actor, type, pk)
    clean = _checked(text)
    with transaction.atomic():
        row = _find(entry, comment, lock=True)
        if not _own(actor, row):
            raise NotAllowed(_("只有写评论的人能修改它。"))
        if row.text == clean:
            return Written(row.pk)
        before = {(mention["kind"], mention["pk"]) for mention in row.mentions}
        mentions = named(clean)
        row.edits = [*row.edits, {"at": (row.edited_at or row.created_at).isoformat(), "text": row.text}]
        row.text, row.edited_at, row.mentions = clean, timezone.now(), [asdict(mention) for mention in mentions]
        row.save(update_fields=["text", "edited_at", "mentions", "edits"])
        changed(entry.type.key, pk)
        fresh = tuple(mention for mention in mentions if (mention.kind, mention.pk) not in before)
        found = _tell(actor, entry, clean, fresh, None)
    return Written(row.pk, len(found.members), found.blind)


def own_text(actor: Actor, type: str | TypeSpec, pk: int, comment: int) -> str:
    """The text of one's own comment, to be worded anew. Raises CommentNotFound, NotAllowed."""
    row = _find(records.get(actor, type, pk), comment)
    if not _own(actor, row):
        raise NotAllowed(_("只有写评论的人能修改它。"))
    return row.text


def remove(actor: Actor, type: str | TypeSpec, pk: int, comment: int) -> None:
    """Take back one's own comment; an administrator may take back any. Raises CommentNotFound, NotAllowed."""
    entry = records.get(actor, type, pk)
    with transaction.atomic():
        row = _find(entry, comment, lock=True)
        if not (_own(actor, row) or actor.is_admin):
            raise NotAllowed(_("只有写评论的人和管理员能删除它。"))
        row.removed_at, row.pinned_at = timezone.now(), None
        row.save(update_fields=["removed_at", "pinned_at"])
        changed(entry.type.key, pk)


def pin(actor: Actor, type: str | TypeSpec, pk: int, comment: int, *, pinned: bool) -> None:
    """Keep a comment at the top of the record, or let it go; for those who may change the record.

    Raises CommentNotFound, NotAllowed.
    """
    entry = records.get(actor, type, pk)
    if "update" not in entry.operations:
        raise NotAllowed(_("你可以查看这条%(title)s，但不能置顶评论。") % {"title": entry.type.title})
    row = _find(entry, comment)
    row.pinned_at, row.pinned_by = (timezone.now(), actor.name[:120]) if pinned else (None, "")
    row.save(update_fields=["pinned_at", "pinned_by"])


def _checked(text: str) -> str:
    clean = clean_lines(text)
    if not clean:
        raise CommentRefused(_("评论是空的，写点什么再发布。"))
    if len(clean) > LONGEST:
        raise CommentRefused(
            _("评论有 %(length)d 个字，最多 %(limit)d 个。长的内容可以作为文件上传。")
            % {"length": len(clean), "limit": LONGEST}
        )
    return clean


def _find(entry: Entry, pk: int, *, lock: bool = False) -> Comment:
    rows = Comment.objects.select_for_update() if lock else Comment.objects.all()
    row = rows.filter(pk=pk, type=entry.type.key, record=entry.pk, removed_at=None).first()
    if row is None:
        raise CommentNotFound(_("没有这条评论，或者它已经删除。"))
    return row


def _own(actor: Actor, row: Comment) -> bool:
    return row.member is not None and row.member == actor.member_pk


def _tell(actor: Actor, entry: Entry, text: str, mentions: tuple[Mention, ...], answered: Comment | None) -> Reached:
    found = reached(entry, mentions, but=actor.member_pk)
    quote = " ".join(text.split())[:QUOTED]
    facts = {"type": entry.type.key, "record": entry.pk}
    values = {"name": actor.name, "text": quote}
    sentence = gettext_noop("%(name)s 提到了你：%(text)s")
    notify.tell(actor, found.members, kind="mentioned", sentence=sentence, values=values, **facts)
    if answered is not None and answered.member and answered.member not in found.members:
        author = Mention("member", answered.member, answered.name)
        sentence = gettext_noop("%(name)s 回复了你的评论：%(text)s")
        notify.tell(
            actor,
            reached(entry, (author,), but=actor.member_pk).members,
            kind="replied",
            sentence=sentence,
            values=values,
            **facts,
        )
    return found
