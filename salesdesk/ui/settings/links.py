"""A link between pipelines as a sentence: what a stage opens or moves in another pipeline."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from salesdesk.services import carrying, link_rules
from salesdesk.services.link_rules import COPIED, FILLED, LinkRule
from salesdesk.text import N_, tr
from salesdesk.ui.settings import rule_words
from salesdesk.ui.settings.cells import Token
from salesdesk.ui.settings.rule_forms import FieldsForm, WordsForm
from salesdesk.ui.settings.rule_row import DRAFT, SentenceRow, row_name
from salesdesk.ui.settings.rule_words import Found
from salesdesk.ui.widgets.popup import Option

if TYPE_CHECKING:
    from salesdesk.ui.settings.rules import RulesSection

#: The places stay places: the words are put there by the sentence.
_PLACES = {
    name: f"{{{name}}}"
    for name in ("stage", "does", "pipeline", "target", "who", "called", "carries", "step",
                 "fills", "back")
}  # fmt: skip
DOES = {"open_child": N_("opens a child deal"), "move_parent": N_("moves its parent")}


class LinkRow(SentenceRow):
    """One link."""

    kind = "link"
    deletes = N_("Delete the link")

    def __init__(self, section: "RulesSection", key: int) -> None:
        name = row_name("link", key)
        super().__init__(
            section, key,
            {
                "stage": Token(f"{name}-in", tr("Stage"), self._pick_stage),
                "does": Token(f"{name}-does", tr("What happens"), self._pick_kind),
                "pipeline": Token(f"{name}-pipeline", tr("Pipeline of the child deal"),
                                  self._pick_pipeline),
                "target": Token(f"{name}-to", tr("Stage of the other deal"), self._pick_target),
                "who": Token(f"{name}-who", tr("Who becomes responsible"),
                             lambda: self.pick_who(tr("Who becomes responsible"))),
                "called": Token(f"{name}-called", tr("Title of the new deal"), self._edit_title),
                "carries": Token(f"{name}-carries", tr("What goes along"), self._pick_carried),
                "step": Token(f"{name}-step", tr("Whether later changes go along"),
                              self._pick_step),
                "fills": Token(f"{name}-fills", tr("What is filled in"), self._pick_filled),
                "back": Token(f"{name}-back", tr("Whether the parent may be moved back"),
                              self._pick_back),
            },
        )  # fmt: skip

    @property
    def link(self) -> LinkRule:
        """The link that it shows."""
        assert isinstance(self.thing, LinkRule)
        return self.thing

    def words(self, found: Found) -> dict[str, str]:
        link, home = self.link, self.section.home()
        target = found.stage(link.target_stage_id)
        parent_here = link.kind == "move_parent" and target is not None
        return {
            "stage": found.stage_name(link.stage_id, far=found.pipeline_of(link.stage_id) != home),
            "does": tr(DOES[link.kind]),
            "pipeline": found.pipeline_name(link.target_stage_id),
            "target": found.stage_name(
                link.target_stage_id,
                far=parent_here and found.pipeline_of(link.target_stage_id) != home,
            ),
            "who": rule_words.who(link, found.people, found.teams),
            "called": tr("“{title}”", title=link.title) if link.title else tr("like its parent"),
            "carries": field_words(link.copied, _in_language(COPIED)),
            "step": tr("kept in step") if link.keeps_in_step else tr("once"),
            "fills": field_words(link.filled, self._fillable()),
            "back": tr("forward or back") if link.allows_back else tr("only forward"),
        }

    def template(self) -> str:
        return link_template(self.link, draft=self.key == DRAFT)

    def problem(self, found: Found) -> str:
        return rule_words.link_problem(self.link, found)

    # -- the words ------------------------------------------------------------------------------

    def _pick_stage(self) -> None:
        options = self.section.found.stage_options()
        picker = self.pick("stage", options, self.link.stage_id, tr("Stage"))
        picker.picked.connect(lambda stage: self.change(stage_id=stage))

    def _pick_kind(self) -> None:
        options = [Option(kind, tr(text)) for kind, text in DOES.items()]
        picker = self.pick("does", options, self.link.kind, tr("What happens"))
        picker.picked.connect(self._on_kind)

    def _on_kind(self, kind: str) -> None:
        """What happens begins at the other end then: the child moves its parent."""
        link = self.link
        if kind != link.kind:
            self.change(kind=kind, stage_id=link.target_stage_id, target_stage_id=link.stage_id)

    def _pick_pipeline(self) -> None:
        found, link = self.section.found, self.link
        away = found.pipeline_of(link.stage_id)
        firsts = {stage.pipeline_id: stage.id for stage in reversed(found.living())}
        options = [Option(firsts[p.id], p.name) for p in found.pipelines
                   if p.id in firsts and p.id != away]  # fmt: skip
        current = firsts.get(found.pipeline_of(link.target_stage_id) or 0)
        picker = self.pick("pipeline", options, current, tr("Pipeline of the child deal"))
        picker.picked.connect(
            lambda stage: None if stage == current else self.change(target_stage_id=stage)
        )

    def _pick_target(self) -> None:
        found, link = self.section.found, self.link
        if link.kind == "open_child":
            inside = found.pipeline_of(link.target_stage_id)
            options = [Option(s.id, s.name) for s in found.living() if s.pipeline_id == inside]
        else:
            options = found.stage_options()
        picker = self.pick("target", options, link.target_stage_id, tr("Stage of the other deal"))
        picker.picked.connect(lambda stage: self.change(target_stage_id=stage))

    def _pick_step(self) -> None:
        options = [Option(False, tr("once: what stands there when the child is opened")),
                   Option(True, tr("kept in step: later changes go along"))]  # fmt: skip
        picker = self.pick("step", options, self.link.keeps_in_step,
                           tr("Whether later changes go along"))  # fmt: skip
        picker.picked.connect(lambda on: self.change(keeps_in_step=on))

    def _pick_back(self) -> None:
        options = [Option(False, tr("only forward")), Option(True, tr("forward or back"))]
        picker = self.pick("back", options, self.link.allows_back,
                           tr("Whether the parent may be moved back"))  # fmt: skip
        picker.picked.connect(lambda on: self.change(allows_back=on))

    def _edit_title(self) -> None:
        form = WordsForm(tr("Title of the new deal"), self.link.title or "",
                         tr("empty: like its parent"), f"{self.objectName()}-words",
                         self)  # fmt: skip
        form.given.connect(lambda values: self.change(title=values["text"] or None))
        self.open(form, "called")

    def _pick_carried(self) -> None:
        self._tick("carries", tr("What goes along"), _in_language(COPIED), "copied")

    def _pick_filled(self) -> None:
        self._tick("fills", tr("What is filled in"), self._fillable(), "filled")

    def _fillable(self) -> dict[str, str]:
        """What a child may fill in at its parent: the same field there, or an own one."""
        fields = {item.name: str(item.values["kind"]) for item in self.section.found.fields}
        apart = {given: f"{tr(FILLED[name])} → {place}"
                 for given, name, place in link_rules.apart(fields)}  # fmt: skip
        # the children's costs are in the parent's gross profit already, not to be filled in again
        plain = {name: said for name, said in _in_language(FILLED).items() if name != "cost"}
        return plain | apart

    def _tick(self, token: str, title: str, known: Mapping[str, str], column: str) -> None:
        """Let fields be ticked, own ones too, all in one go."""
        names = {**known, **{item.name: item.name for item in self.section.found.fields}}
        form = FieldsForm(title, names, getattr(self.link, column),
                          f"{self.objectName()}-{token}-form", self)  # fmt: skip
        form.given.connect(lambda values: self.change(**{column: values["names"]}))
        self.open(form, token)

    def remove(self) -> None:
        if self.key == DRAFT:
            self.section.drop_draft(self.kind)
            return
        self.section.do(link_rules.delete_link_rule, self.key, say=tr("Link deleted"), cell=self)


def link_template(link: LinkRule, draft: bool = False) -> str:
    """The sentence of a link, with places for its words; a draft lets the kind be chosen, too."""
    if link.kind == "open_child":
        if draft:
            head = tr("When a deal enters {stage}, it {does} in {pipeline} at {target} for {who}, "
                      "named {called},", **_PLACES)  # fmt: skip
        else:
            head = tr("When a deal enters {stage}, open a child deal in {pipeline} at {target} "
                      "for {who}, named {called},", **_PLACES)  # fmt: skip
        tail = (tr("and copy {carries}, {step}.", **_PLACES) if link.copied
                else tr("and copy {carries}.", **_PLACES))  # fmt: skip
        return f"{head} {tail}"
    if draft:
        return tr("When a deal enters {stage}, it {does} to {target}, {back}, and fills in "
                  "{fills}.", **_PLACES)  # fmt: skip
    return tr("When the child enters {stage}, move the parent to {target}, {back}, and fill in "
              "{fills}.", **_PLACES)  # fmt: skip


def field_words(names: Sequence[str], known: Mapping[str, str]) -> str:
    """Fields by their names; an own one, or one that is gone, by the name it has or had."""
    return ", ".join(known.get(name) or _gone(name) for name in names) or tr("nothing")


def _gone(given: str) -> str:
    """A field that is not there any more; its child's field and its own name, where it is a way."""
    name, place = carrying.split(given, ())
    return name if place is None else f"{tr(FILLED[name]) if name in FILLED else name} → {place}"


def _in_language(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: tr(text) for name, text in fields.items()}
