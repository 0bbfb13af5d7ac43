//! Names.

use super::super::action::{Kind, Word};
use super::super::finding::Level;
use super::super::rule::{Check, Hits, Rule, View};
use super::{EVERY, POSTGRES};
use crate::catalog::{LONGEST_NAME, cut};
use peristyle_query::statement::Dialect;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "name-needs-quotes",
        title: "A name needs no quotes",
        level: Level::Warn,
        lock: None,
        dialects: EVERY,
        reason: "A name with blanks or signs, one that is a reserved word, and on Postgres one with capitals must be quoted in every query by hand, and each one that forgets it fails or finds another column.",
        recipe: "Write names in lower case with underscores, and choose another word for a reserved one.",
        failing: "-- migrate:up
ALTER TABLE users ADD COLUMN \"birth date\" date;
-- migrate:down
ALTER TABLE users DROP COLUMN \"birth date\";",
        passing: "-- migrate:up
ALTER TABLE users ADD COLUMN \"birth_date\" date;
-- migrate:down
ALTER TABLE users DROP COLUMN birth_date;",
        check: Check::Up(quotes),
    },
    Rule {
        id: "name-too-long",
        title: "A name has at most 63 bytes",
        level: Level::Error,
        lock: None,
        dialects: POSTGRES,
        reason: "Postgres cuts off what is longer, with no more than a notice: two names become one, and a later statement by the full name may meet another object.",
        recipe: "Choose a shorter name.",
        failing: "-- migrate:up no-transaction
CREATE INDEX CONCURRENTLY index_of_the_posts_by_their_views_for_the_page_of_the_most_read_ones ON posts (views);
-- migrate:irreversible",
        passing: "-- migrate:up no-transaction
CREATE INDEX CONCURRENTLY posts_by_views ON posts (views);
-- migrate:down no-transaction
DROP INDEX CONCURRENTLY posts_by_views;",
        check: Check::Up(length),
    },
];

/// The names that the section gives.
fn given<'v>(view: &'v View<'_>) -> impl Iterator<Item = (usize, &'v Word)> {
    view.actions().flat_map(|at| {
        let words: Vec<&Word> = match &at.action.kind {
            Kind::CreateTable(create) => {
                let columns = create.columns.iter().map(|column| &column.name);
                let constraints = create.constraints.iter().filter_map(|constraint| constraint.name.as_ref());
                std::iter::once(&create.name).chain(columns).chain(constraints).collect()
            }
            Kind::AddColumn { column, .. } => vec![&column.name],
            Kind::RenameColumn { to, .. } | Kind::RenameTable { to, .. } => vec![to],
            Kind::AddConstraint { constraint, .. } => constraint.name.iter().collect(),
            Kind::CreateIndex(index) => index.word.iter().collect(),
            _ => Vec::new(),
        };
        words.into_iter().map(move |word| (at.statement, word))
    })
}

fn quotes(view: &View<'_>, hits: &mut Hits) {
    for (statement, word) in given(view).filter(|(_, word)| word.quoted) {
        let text = view.script.statements.get(statement).and_then(|found| found.text.get(word.span.clone()));
        let written = text.map_or(word.name.as_str(), |text| text.trim_matches(['"', '`', '[', ']']));
        // SQLite takes capitals for small letters.
        let is_small = |each: char| view.context.dialect == Dialect::Sqlite || !each.is_uppercase();
        let mut characters = written.chars();
        let first = characters.next().is_some_and(|first| first == '_' || first.is_alphabetic() && is_small(first));
        let rest =
            characters.all(|each| each == '_' || each.is_ascii_digit() || each.is_alphabetic() && is_small(each));
        if !first || !rest {
            hits.span(view, statement, word.span.clone(), format!("`{written}` must stand in quotes in every query"));
        } else if is_reserved(written, view.context.dialect) {
            let message = format!("`{written}` is a reserved word, so it must stand in quotes in every query");
            hits.span(view, statement, word.span.clone(), message);
        }
    }
}

fn length(view: &View<'_>, hits: &mut Hits) {
    for (statement, word) in given(view).filter(|(_, word)| word.name.len() > LONGEST_NAME) {
        let kept = cut(&word.name, LONGEST_NAME);
        hits.span(view, statement, word.span.clone(), format!("the name is cut off: `{kept}`"));
    }
}

fn is_reserved(word: &str, dialect: Dialect) -> bool {
    let own = match dialect {
        Dialect::Postgres => POSTGRES_RESERVED,
        _ => SQLITE_RESERVED,
    };
    RESERVED.contains(&word) || own.contains(&word)
}

/// Whether a word must stand in quotes in one of the stores.
pub(in crate::lint) fn is_reserved_anywhere(word: &str) -> bool {
    is_reserved(word, Dialect::Postgres) || is_reserved(word, Dialect::Sqlite)
}

/// Reserved in both stores.
const RESERVED: &[&str] = &[
    "all",
    "and",
    "as",
    "case",
    "check",
    "collate",
    "constraint",
    "create",
    "default",
    "deferrable",
    "distinct",
    "else",
    "except",
    "foreign",
    "from",
    "group",
    "having",
    "in",
    "intersect",
    "into",
    "limit",
    "not",
    "null",
    "on",
    "or",
    "order",
    "primary",
    "references",
    "returning",
    "select",
    "table",
    "then",
    "to",
    "union",
    "unique",
    "using",
    "when",
    "where",
];

const POSTGRES_RESERVED: &[&str] = &[
    "analyse",
    "analyze",
    "any",
    "array",
    "asc",
    "asymmetric",
    "authorization",
    "binary",
    "both",
    "cast",
    "collation",
    "column",
    "concurrently",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "desc",
    "do",
    "end",
    "false",
    "fetch",
    "for",
    "freeze",
    "full",
    "grant",
    "ilike",
    "initially",
    "inner",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "left",
    "like",
    "localtime",
    "localtimestamp",
    "natural",
    "notnull",
    "offset",
    "only",
    "outer",
    "overlaps",
    "placing",
    "right",
    "session_user",
    "similar",
    "some",
    "symmetric",
    "system_user",
    "tablesample",
    "trailing",
    "true",
    "user",
    "variadic",
    "verbose",
    "window",
    "with",
];

const SQLITE_RESERVED: &[&str] = &[
    "add",
    "alter",
    "autoincrement",
    "between",
    "commit",
    "delete",
    "drop",
    "escape",
    "exists",
    "if",
    "index",
    "insert",
    "is",
    "isnull",
    "join",
    "nothing",
    "notnull",
    "set",
    "transaction",
    "update",
    "values",
];
