//! Rules, and how they are applied to a migration.

use super::action::{Action, Constraint, ConstraintRule, Kind};
use super::finding::{Finding, Level};
use super::fix::Fix;
use super::input::{Down, Input, Script};
use super::lock::LockLevel;
use super::made::Made;
use super::models::ModelUse;
use super::read::{self, Reading};
use super::rules::{self, meta};
use crate::catalog::{Catalog, Column, IndexPart, ObjectName, Table};
use peristyle_query::statement::Dialect;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// The id, as `lint:allow` and the configuration name it.
    pub id: &'static str,
    /// What it asks for, as a sentence.
    pub title: &'static str,
    /// How much it matters, unless the configuration says otherwise.
    pub level: Level,
    /// The lock that a migration takes that breaks it.
    pub lock: Option<LockLevel>,
    /// The stores that it is for.
    pub dialects: &'static [Dialect],
    /// Why.
    pub reason: &'static str,
    /// How to do it safely.
    pub recipe: &'static str,
    /// A migration that breaks it, and no other rule.
    pub failing: &'static str,
    /// A migration that keeps it.
    pub passing: &'static str,
    pub(super) check: Check,
}

/// What a rule looks at.
#[derive(Debug)]
pub(super) enum Check {
    /// The way up, and the way down if the configuration asks for it.
    Up(fn(&View<'_>, &mut Hits)),
    /// Both ways.
    Both(fn(&View<'_>, &mut Hits)),
    /// The migration as a whole.
    Migration(fn(&Migration<'_>, &mut Hits)),
    /// Found while reading, and not by a function of the rule.
    Reading,
}

/// What is known besides the SQL.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The dialect of the migrations.
    pub dialect: Dialect,
    /// Which structs read which columns.
    pub models: Option<&'a ModelUse>,
    /// The database before the first of the migrations.
    pub catalog: Option<&'a Catalog>,
    /// Which rules apply.
    pub config: &'a Config,
}

impl Context<'static> {
    /// Only the dialect is known, and every rule has its usual level.
    pub fn new(dialect: Dialect) -> Self {
        const USUAL: &Config = &Config { levels: BTreeMap::new(), lock_timeout: true, check_down: false };
        Context { dialect, models: None, catalog: None, config: USUAL }
    }
}

/// Which rules apply, and how much they matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Levels other than the usual ones, by the id of the rule.
    pub levels: BTreeMap<String, Level>,
    /// Whether the runner sets a lock timeout for migrations that set none.
    pub lock_timeout: bool,
    /// Whether the rules about locks look at the way down too.
    pub check_down: bool,
}

/// What a rule's function found, before levels and `lint:allow`.
#[derive(Default)]
pub(super) struct Hits {
    found: Vec<Hit>,
}

pub(super) struct Hit {
    down: bool,
    /// The statement; `None` is the file.
    statement: Option<usize>,
    span: Range<usize>,
    message: String,
    pub(super) level: Option<Level>,
    pub(super) fix: Option<Fix>,
    line: Option<usize>,
}

impl Hits {
    /// Something about an action.
    pub(super) fn at(&mut self, view: &View<'_>, at: At<'_>, message: impl Into<String>) -> &mut Hit {
        self.span(view, at.statement, at.action.span.clone(), message)
    }

    /// Something about a part of a statement.
    pub(super) fn span(
        &mut self,
        view: &View<'_>,
        statement: usize,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> &mut Hit {
        self.push(Hit {
            down: view.down,
            statement: Some(statement),
            span,
            message: message.into(),
            level: None,
            fix: None,
            line: None,
        })
    }

    /// Something about the file.
    pub(super) fn file(&mut self, down: bool, line: Option<usize>, message: impl Into<String>) -> &mut Hit {
        let message = message.into();
        self.push(Hit { down, statement: None, span: 0..0, message, level: None, fix: None, line })
    }

    fn push(&mut self, hit: Hit) -> &mut Hit {
        let at = self.found.len();
        self.found.push(hit);
        &mut self.found[at]
    }
}

/// An action, and the number of its statement.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) statement: usize,
    pub(super) action: &'a Action,
}

/// A section of a migration, read.
pub(super) struct View<'a> {
    pub(super) script: &'a Script,
    pub(super) down: bool,
    pub(super) readings: Vec<Reading>,
    pub(super) made: Made,
    pub(super) context: &'a Context<'a>,
    /// The statements of the other direction.
    pub(super) opposite: Option<&'a Script>,
    /// The indexes that the migrations make, by table and columns.
    pub(super) indexes: Rc<[(ObjectName, Vec<String>)]>,
}

impl<'a> View<'a> {
    fn read(script: &'a Script, down: bool, context: &'a Context<'a>) -> Self {
        let readings: Vec<Reading> =
            script.statements.iter().map(|statement| read::read(&statement.text, context.dialect)).collect();
        View { script, down, made: Made::by(&readings), readings, context, opposite: None, indexes: Rc::new([]) }
    }

    /// The old table whose place this new one takes in a rebuild.
    pub(super) fn replaces(&self, new: &ObjectName) -> Option<ObjectName> {
        self.actions().find_map(|at| match &at.action.kind {
            Kind::RenameTable { table, to } if table == new => {
                let old = ObjectName { prefix: table.prefix.clone(), name: to.name.clone() };
                let dropped = |other: At<'_>| {
                    other.statement < at.statement
                        && matches!(&other.action.kind, Kind::DropTable { table } if *table == old)
                };
                self.actions().any(dropped).then_some(old)
            }
            _ => None,
        })
    }

    /// Whether the section drops a table and gives its name to a new one.
    pub(super) fn is_rebuilt(&self, old: &ObjectName) -> bool {
        self.actions().any(|at| match &at.action.kind {
            Kind::RenameTable { table, .. } => self.replaces(table).as_ref() == Some(old),
            _ => false,
        })
    }

    /// Whether an index of the table begins with these columns, in any order.
    pub(super) fn is_indexed(&self, table: &ObjectName, columns: &[String]) -> bool {
        let begins = |index: &[String]| {
            index.len() >= columns.len() && index[..columns.len()].iter().all(|column| columns.contains(column))
        };
        let made = self.indexes.iter().any(|(of, index)| of == table && begins(index));
        made || self.known_table(table).is_some_and(|known| {
            let names = known.indexes.iter().filter(|index| index.filter.is_none()).map(|index| {
                let parts = index.columns.iter().map_while(|column| match &column.part {
                    IndexPart::Column(name) => Some(name.clone()),
                    IndexPart::Expression(_) => None,
                });
                parts.collect::<Vec<_>>()
            });
            let keys = known.primary_key.iter().map(|key| key.columns.clone());
            let uniques = known.uniques.iter().map(|unique| unique.columns.clone());
            names.chain(keys).chain(uniques).any(|index| begins(&index))
        })
    }

    /// The indexes that the section makes, those of constraints too.
    pub(super) fn new_indexes(&self) -> Vec<(ObjectName, Vec<String>)> {
        let mut found = Vec::new();
        for at in self.actions() {
            let of_constraint = |constraint: &Constraint| match &constraint.rule {
                ConstraintRule::PrimaryKey { columns, .. } | ConstraintRule::Unique { columns, .. } => {
                    Some(columns.clone())
                }
                _ => None,
            };
            match &at.action.kind {
                Kind::CreateIndex(index) if !index.partial => {
                    let columns = index.columns.iter().map_while(Clone::clone).collect();
                    found.push((index.table.clone(), columns));
                }
                Kind::CreateTable(create) => {
                    let inline = create.columns.iter().filter(|column| column.primary_key || column.unique);
                    let inline = inline.map(|column| vec![column.name.name.clone()]);
                    let listed = create.constraints.iter().filter_map(of_constraint);
                    found.extend(inline.chain(listed).map(|columns| (create.table.clone(), columns)));
                }
                Kind::AddConstraint { table, constraint } => {
                    found.extend(of_constraint(constraint).map(|columns| (table.clone(), columns)));
                }
                _ => {}
            }
        }
        found
    }

    /// The actions of all statements, in order.
    pub(super) fn actions(&self) -> impl Iterator<Item = At<'_>> {
        let all = self.readings.iter().enumerate();
        all.flat_map(|(statement, reading)| reading.actions.iter().map(move |action| At { statement, action }))
    }

    /// The actions on tables that were there before.
    pub(super) fn on_old_tables(&self) -> impl Iterator<Item = (At<'_>, &ObjectName)> {
        self.actions().filter_map(|at| {
            let table = table_of(&at.action.kind)?;
            (!self.made.table(table, at.statement)).then_some((at, table))
        })
    }

    /// A table before the migration, if that is known.
    pub(super) fn known_table(&self, table: &ObjectName) -> Option<&'a Table> {
        let same = |name: &ObjectName| {
            let prefix = name.prefix.as_deref().filter(|prefix| *prefix != "public" && *prefix != "main");
            name.name.eq_ignore_ascii_case(&table.name) && prefix == table.prefix.as_deref()
        };
        self.context.catalog?.tables.iter().find(|table| same(&table.name))
    }

    pub(super) fn known_column(&self, table: &ObjectName, column: &str) -> Option<&'a Column> {
        self.known_table(table)?.columns.iter().find(|known| known.name.eq_ignore_ascii_case(column))
    }
}

/// The table that ALTER TABLE and its like work on.
fn table_of(kind: &Kind) -> Option<&ObjectName> {
    match kind {
        Kind::DropTable { table }
        | Kind::RenameTable { table, .. }
        | Kind::AlterTable { table, .. }
        | Kind::AddColumn { table, .. }
        | Kind::DropColumn { table, .. }
        | Kind::RenameColumn { table, .. }
        | Kind::ColumnType { table, .. }
        | Kind::SetNotNull { table, .. }
        | Kind::AddConstraint { table, .. }
        | Kind::ValidateConstraint { table, .. }
        | Kind::DropConstraint { table, .. }
        | Kind::AttachPartition { table, .. }
        | Kind::DetachPartition { table, .. } => Some(table),
        Kind::CreateIndex(index) => Some(&index.table),
        _ => None,
    }
}

/// A migration, read.
pub(super) struct Migration<'a> {
    pub(super) input: &'a Input,
    pub(super) up: View<'a>,
    pub(super) down: Option<View<'a>>,
    pub(super) context: &'a Context<'a>,
}

impl<'a> Migration<'a> {
    pub(super) fn read(input: &'a Input, context: &'a Context<'a>) -> Self {
        let down = match &input.down {
            Down::Script(script) => Some(View::read(script, true, context)),
            Down::Missing | Down::Irreversible => None,
        };
        let mut migration = Migration { input, up: View::read(&input.up, false, context), down, context };
        migration.up.opposite = migration.down.as_ref().map(|down| down.script);
        if let Some(down) = &mut migration.down {
            down.opposite = Some(&input.up);
        }
        migration
    }

    /// Tells the migration which indexes it and its siblings make.
    pub(super) fn knowing(mut self, indexes: &Rc<[(ObjectName, Vec<String>)]>) -> Self {
        self.up.indexes = indexes.clone();
        if let Some(down) = &mut self.down {
            down.indexes = indexes.clone();
        }
        self
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut used = Vec::new();
        for rule in rules::rules() {
            if !rule.dialects.contains(&self.context.dialect) {
                continue;
            }
            let mut hits = Hits::default();
            match rule.check {
                Check::Up(check) => {
                    check(&self.up, &mut hits);
                    if let Some(down) = self.down.as_ref().filter(|_| self.context.config.check_down) {
                        check(down, &mut hits);
                    }
                }
                Check::Both(check) => {
                    check(&self.up, &mut hits);
                    if let Some(down) = &self.down {
                        check(down, &mut hits);
                    }
                }
                Check::Migration(check) => check(self, &mut hits),
                Check::Reading => {}
            }
            found.extend(hits.found.into_iter().filter_map(|hit| self.finding(rule, hit, &mut used)));
        }
        let mut hits = Hits::default();
        meta::unused_allows(self, &used, &mut hits);
        let rule = &meta::UNUSED_ALLOW;
        found.extend(hits.found.into_iter().filter_map(|hit| self.finding(rule, hit, &mut Vec::new())));
        found.sort_by(|a, b| (&a.path, a.line, a.column, a.rule).cmp(&(&b.path, b.line, b.column, b.rule)));
        found
    }

    /// The level of a hit, what `lint:allow` says about it, and its place in the file.
    fn finding(&self, rule: &'static Rule, hit: Hit, used: &mut Vec<(bool, usize)>) -> Option<Finding> {
        let view = if hit.down { self.down.as_ref()? } else { &self.up };
        let script = view.script;
        let mut allowed = false;
        for (at, allow) in script.allow.iter().enumerate() {
            let here = allow.statement.is_none() || allow.statement == hit.statement || hit.statement.is_none();
            if allow.rule == rule.id && here {
                used.push((hit.down, at));
                allowed = true;
            }
        }
        let level = match self.context.config.levels.get(rule.id) {
            Some(level) => *level,
            None => hit.level.unwrap_or(rule.level),
        };
        if allowed || level == Level::Off {
            return None;
        }
        let statement = hit.statement.and_then(|at| script.statements.get(at));
        let (line, column) = match statement {
            Some(statement) => place(&statement.text, hit.span.start, (statement.line, statement.column)),
            None => (hit.line.unwrap_or(script.line), 1),
        };
        Some(Finding {
            rule: rule.id,
            level,
            version: self.input.version,
            path: script.path.clone(),
            line,
            column,
            statement: statement.map(|statement| statement.text.clone()).unwrap_or_default(),
            statement_line: statement.map_or(line, |statement| statement.line),
            statement_column: statement.map_or(column, |statement| statement.column),
            span: hit.span,
            message: hit.message,
            reason: rule.reason,
            lock: rule.lock.filter(|lock| (self.context.dialect == Dialect::Sqlite) == (*lock == LockLevel::Database)),
            recipe: rule.recipe,
            docs: format!("docs/migrate-lint.md#{}", rule.id),
            fix: hit.fix.filter(|_| script.fixable),
        })
    }
}

/// The line and the column of a byte of a text that begins at `start`.
fn place(text: &str, offset: usize, start: (usize, usize)) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    match before.rfind('\n') {
        None => (start.0, start.1 + before.chars().count()),
        Some(last) => (start.0 + before.matches('\n').count(), before[last + 1..].chars().count() + 1),
    }
}
