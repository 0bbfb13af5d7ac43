//! What concerns the checks themselves.

use super::super::finding::Level;
use super::super::rule::{Check, Hits, Migration, Rule, View};
use super::EVERY;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "unparsed",
        title: "A statement is understood",
        level: Level::Note,
        lock: None,
        dialects: EVERY,
        reason: "The parser does not know the statement, so it was checked by its first words only; what stands in a DO block is not looked at.",
        recipe: "Look at it yourself; `lint:allow unparsed` says that you did.",
        failing: "-- migrate:up
DO $$ BEGIN PERFORM 1; END $$;
-- migrate:down
SELECT 1;",
        passing: "-- migrate:up
SELECT 1;
-- migrate:down
SELECT 1;",
        check: Check::Both(unparsed),
    },
    UNUSED_ALLOW,
];

/// Found when all other rules were applied.
pub(in crate::lint) const UNUSED_ALLOW: Rule = Rule {
    id: "unused-allow",
    title: "A `lint:allow` allows something",
    level: Level::Warn,
    lock: None,
    dialects: EVERY,
    reason: "A comment that allows nothing hides the next mistake of its kind, and misleads who reads it.",
    recipe: "Remove it, or correct the id of the rule.",
    failing: "-- migrate:up
-- lint:allow drop-table the table was moved
CREATE TABLE tags (name text PRIMARY KEY);
-- migrate:down
DROP TABLE tags;",
    passing: "-- migrate:up
-- lint:allow drop-table the table was moved
DROP TABLE comments;
-- migrate:irreversible",
    check: Check::Reading,
};

fn unparsed(view: &View<'_>, hits: &mut Hits) {
    for (statement, reading) in view.readings.iter().enumerate() {
        if let (false, Some(script)) = (reading.understood, view.script.statements.get(statement)) {
            let first = script.text.lines().next().unwrap_or_default().len();
            hits.span(view, statement, 0..first, "the statement is not understood in full");
        }
    }
}

/// The comments that allowed nothing; `used` are those that did, by direction and number.
pub(in crate::lint) fn unused_allows(migration: &Migration<'_>, used: &[(bool, usize)], hits: &mut Hits) {
    let scripts = [(false, Some(migration.up.script)), (true, migration.down.as_ref().map(|down| down.script))];
    let line_of = |down: bool, at: usize| {
        let script = if down { migration.down.as_ref()?.script } else { migration.up.script };
        script.allow.get(at).map(|allow| (script.path.as_str(), allow.line))
    };
    let mut seen = Vec::new();
    for (down, script) in scripts {
        let Some(script) = script else { continue };
        for allow in &script.allow {
            // One above both sections stands in each of them.
            let place = (script.path.as_str(), allow.line);
            if seen.contains(&place) || used.iter().any(|(down, at)| line_of(*down, *at) == Some(place)) {
                continue;
            }
            seen.push(place);
            let rule = &allow.rule;
            let message = match super::rule(rule) {
                None => format!("there is no rule `{rule}`"),
                Some(known) if !known.dialects.contains(&migration.context.dialect) => {
                    format!("`{rule}` is no rule of this store")
                }
                Some(_) => format!("`{rule}` is allowed where nothing breaks it"),
            };
            hits.file(down, Some(allow.line), message);
        }
    }
}
