//! What may not meet in one statement or transaction since it lives in several stores, and what to write instead.

use super::Repo;
use super::guard::letter;
use super::route::Place;
use crate::error::{Error, Unsupported};
use crate::query::ast::{
    ConflictAction, ConflictTarget, Expression, Insert, InsertSource, Operation, OutputColumn, Select, Source, Step,
};
use crate::schema::{AssociationKeys, AssociationMeta, SchemaMeta};

/// A statement over tables of several stores: two of them.
pub(crate) struct Apart {
    /// The table of the root.
    root: &'static SchemaMeta,
    /// One that lives elsewhere.
    other: &'static SchemaMeta,
    part: Part,
    /// What tells their stores apart, in words.
    stores: String,
}

/// Where in a statement a table is.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    /// Among the sources.
    Source,
    /// In a query inside of it, or among what an update looks at.
    Inside,
    /// In the query that gives the rows of an insert.
    Rows,
}

impl Repo {
    /// What of a statement lives in another store than its root, if anything does.
    pub(super) fn apart(&self, operation: &Operation) -> Option<Apart> {
        self.apart_from(operation.schema(), |visit| tables(operation, visit))
    }

    /// The same of a query.
    pub(super) fn select_apart(&self, select: &Select) -> Option<Apart> {
        self.apart_from(select.schema(), |visit| tables_of(select, Part::Source, visit))
    }

    /// Refuses the query for the rows of an association that joins another table, in a store that has no joins.
    pub(super) fn check_joins(
        &self,
        select: &Select,
        owner: &'static SchemaMeta,
        association: &AssociationMeta,
        by_owner: bool,
    ) -> Result<(), Error> {
        let Some(root) = select.schema() else { return Ok(()) };
        let store = &self.handle.place_of(root).adapter;
        let mut others = Vec::new();
        tables_of(select, Part::Source, &mut |table, _, part| {
            if part == Part::Source && !std::ptr::eq(table, root) {
                others.push(table);
            }
        });
        let (Some(between), false) = (others.first().copied(), store.joins()) else { return Ok(()) };
        let name = format!("{}.{}", owner.name, association.name);
        let (feature, instead) = match &association.keys {
            _ if by_owner && std::ptr::eq(between, owner) => (
                format!("joins, and the filter of {name} uses columns of {}", owner.table),
                "filter the rows after the preload".to_owned(),
            ),
            AssociationKeys::Direct { .. } => return Ok(()),
            AssociationKeys::Join { .. } | AssociationKeys::Through { .. } => {
                let instead = match steps(owner, association) {
                    Some(preload) => format!("preload step by step: `{preload}`"),
                    None => associations_by_way_of(between, owner, association.target.meta()),
                };
                (format!("joins, and {name} leads through {}", between.table), instead)
            }
        };
        Err(Unsupported { store: store.name(), feature: feature.into(), instead: instead.into() }.into())
    }

    fn apart_from(&self, root: Option<&'static SchemaMeta>, tables: impl FnOnce(&mut Visit<'_>)) -> Option<Apart> {
        let root = root.filter(|_| self.handle.has_routes())?;
        let here = self.handle.place_of(root);
        let mut apart = None;
        tables(&mut |table, prefix, part| {
            let there = self.handle.place_of(table);
            let together = if prefix.is_some() { here.same_store(there) } else { self.handle.same_tables(here, there) };
            if !together && apart.is_none() {
                apart = Some(Apart { root, other: table, part, stores: told_apart(here, there) });
            }
        });
        apart
    }
}

fn told_apart(here: &Place, there: &Place) -> String {
    match (here.name(), there.name()) {
        _ if here.same_store(there) => "under different prefixes".to_owned(),
        (one, other) if one == other => "in different stores".to_owned(),
        (one, other) => format!("in different stores ({one} and {other})"),
    }
}

fn refused(feature: String, instead: String) -> Error {
    Unsupported { store: "", feature: feature.into(), instead: instead.into() }.into()
}

impl Apart {
    /// The refusal of the statement.
    pub(super) fn refusal(&self) -> Error {
        let instead = match (self.part, preload_between(self.root, self.other)) {
            (Part::Source, Some(preload)) => format!("preload instead of join: `{preload}`"),
            (Part::Source, None) => {
                "preload instead of join, or read the one first and find the other by its keys, `.in_(keys)`".to_owned()
            }
            (Part::Inside, _) => {
                let Apart { root, other, .. } = self;
                format!(
                    "read the keys from {} first, and find the rows of {} by them, `.in_(keys)`",
                    other.table, root.table
                )
            }
            (Part::Rows, _) => "read the rows first, and give them to `repo.insert_all(rows)`".to_owned(),
        };
        refused(self.live(), instead)
    }

    /// The refusal of the statement that reads the rows of an association.
    pub(crate) fn refusal_of(
        &self,
        owner: &'static SchemaMeta,
        association: &AssociationMeta,
        by_owner: bool,
    ) -> Error {
        let name = format!("{}.{}", owner.name, association.name);
        if by_owner && std::ptr::eq(self.other, owner) {
            let feature = format!("the filter of {name} uses columns of {}, and {}", owner.table, self.live());
            return refused(feature, "filter the rows after the preload".to_owned());
        }
        let between = match association.keys {
            AssociationKeys::Through { .. } => true,
            AssociationKeys::Join { schema, .. } => std::ptr::eq(self.other, schema.meta()),
            AssociationKeys::Direct { .. } => false,
        };
        if !between || self.part != Part::Source {
            return self.refusal();
        }
        let instead = match steps(owner, association) {
            Some(preload) => format!("preload step by step: `{preload}`"),
            None => join_table_beside(self.other, self.root),
        };
        refused(format!("{name} leads through {}, and {}", self.other.table, self.live()), instead)
    }

    fn live(&self) -> String {
        format!("{} and {} live {}", self.root.table, self.other.table, self.stores)
    }
}

/// The refusal of a write in a transaction of another store; `along` is the schema whose write opened that, if the program did
/// not.
pub(super) fn written_elsewhere(
    schema: &SchemaMeta,
    transaction: &Place,
    there: &Place,
    along: Option<&SchemaMeta>,
) -> Error {
    let (store, table) = (transaction.name(), schema.table);
    let instead = match along {
        Some(written) => format!(
            "the write of the {} is that transaction, since more belongs to it: write to {table} by itself, before or after \
             it, or in `prepare_changes` by `repo.after_commit(async |repo| ..)`",
            written.name
        ),
        None => "write it when the transaction is kept, in `tx.after_commit(async |repo| ..)`, or open a transaction on the \
                 repo of that store"
            .to_owned(),
    };
    refused(
        format!("a transaction of {store} cannot undo what is written to {table}, which {}", lives(transaction, there)),
        instead,
    )
}

/// The refusal of a lock in a transaction of another store.
pub(super) fn locked_elsewhere(schema: &SchemaMeta, transaction: &Place, there: &Place) -> Error {
    let (store, table) = (transaction.name(), schema.table);
    refused(
        format!("a transaction of {store} cannot lock rows of {table}, which {}", lives(transaction, there)),
        "read them without a lock, or open a transaction on the repo of that store".to_owned(),
    )
}

fn lives(here: &Place, there: &Place) -> String {
    match there.name() {
        name if name == here.name() => "lives in another store".to_owned(),
        name => format!("lives in another store ({name})"),
    }
}

/// The preload along the association between two schemas, if there is one.
fn preload_between(one: &'static SchemaMeta, other: &'static SchemaMeta) -> Option<String> {
    let along = |from: &'static SchemaMeta, to: &'static SchemaMeta| {
        let association = association_to(from, to)?;
        let letter = letter(from);
        Some(format!("{}::query().preload(|{letter}| {letter}.{}())", from.name, association.name))
    };
    along(one, other).or_else(|| along(other, one))
}

/// The first association that leads straight from one schema to another.
fn association_to(from: &'static SchemaMeta, to: &'static SchemaMeta) -> Option<&'static AssociationMeta> {
    let leads_there = |association: &&AssociationMeta| {
        matches!(association.keys, AssociationKeys::Direct { .. }) && std::ptr::eq(association.target.meta(), to)
    };
    from.associations.iter().find(leads_there)
}

/// The preloads that take the steps of an association one by one.
fn steps(owner: &'static SchemaMeta, association: &AssociationMeta) -> Option<String> {
    let mut path: Vec<(char, &'static str)> = Vec::new();
    match association.keys {
        AssociationKeys::Direct { .. } => return None,
        AssociationKeys::Through { path: names } => {
            let mut schema = owner;
            for name in names {
                path.push((letter(schema), name));
                schema = schema.association(name)?.target.meta();
            }
        }
        AssociationKeys::Join { schema, .. } => {
            let between = schema.meta();
            path.push((letter(owner), association_to(owner, between)?.name));
            path.push((letter(between), association_to(between, association.target.meta())?.name));
        }
    }
    let nested = path
        .into_iter()
        .rev()
        .fold(String::new(), |inner, (letter, name)| format!(".preload(|{letter}| {letter}.{name}(){inner})"));
    Some(nested)
}

/// How a join table comes to live where the rows that it leads to live.
fn join_table_beside(join: &SchemaMeta, target: &SchemaMeta) -> String {
    if is_nameless(join) {
        return format!(
            "describe {} with a struct, name it in `join_schema = ..`, and route it to the store of {}",
            join.table, target.table
        );
    }
    format!("route it to the store of {}, too: `repo.route::<{}>(..)`", target.table, join.name)
}

/// The associations to give two schemas, so that preloads can take the steps over a join table one by one.
fn associations_by_way_of(join: &SchemaMeta, owner: &SchemaMeta, target: &SchemaMeta) -> String {
    let (struct_, described) = match is_nameless(join) {
        true => (
            "..".to_owned(),
            format!(
                "describe {} with a struct whose two keys are #[schema(primary_key)], name it in `join_schema = ..`, ",
                join.table
            ),
        ),
        false => (join.name.to_owned(), String::new()),
    };
    format!(
        "{described}give {} a `HasMany<{struct_}>` and that a `BelongsTo<{}>`, and preload step by step",
        owner.name, target.name
    )
}

/// Whether it is a join table that no struct describes.
pub(super) fn is_nameless(schema: &SchemaMeta) -> bool {
    schema.name == schema.table
}

/// Whether a read locks rows.
pub(super) fn locks(operation: &Operation) -> bool {
    matches!(operation, Operation::Select(select) if select.lock.is_some())
}

/// Visits the tables of a statement: each with the prefix that the statement gives it, and where it is.
type Visit<'v> = dyn FnMut(&'static SchemaMeta, Option<&str>, Part) + 'v;

fn tables(operation: &Operation, visit: &mut Visit<'_>) {
    match operation {
        Operation::Select(select) => tables_of(select, Part::Source, visit),
        Operation::PerParent(children) => {
            tables_of(&children.select, Part::Source, visit);
            children.keys.iter().for_each(|key| inside(&key.expression, Part::Inside, visit));
        }
        Operation::Insert(insert) => tables_of_insert(insert, visit),
        Operation::Update(update) => {
            for join in &update.from {
                source(&join.source, Part::Inside, visit);
                inside(&join.on, Part::Inside, visit);
            }
            update.set.iter().for_each(|(_, expression)| inside(expression, Part::Inside, visit));
            update.filter.iter().for_each(|condition| inside(condition, Part::Inside, visit));
            inside_columns(&update.returning, visit);
        }
        Operation::Delete(delete) => {
            delete.filter.iter().for_each(|condition| inside(condition, Part::Inside, visit));
            inside_columns(&delete.returning, visit);
        }
        Operation::Explain(operation, _) => tables(operation, visit),
        Operation::Raw(_) => {}
    }
}

fn tables_of_insert(insert: &Insert, visit: &mut Visit<'_>) {
    match &insert.source {
        InsertSource::Query(select) => tables_of(select, Part::Rows, visit),
        InsertSource::Expressions(rows) => {
            rows.iter().flatten().for_each(|expression| inside(expression, Part::Inside, visit));
        }
        InsertSource::Rows { .. } => {}
    }
    if let Some(conflict) = &insert.on_conflict {
        if let Some(ConflictTarget::Index { columns, filter }) = &conflict.target {
            columns.iter().chain(filter).for_each(|expression| inside(expression, Part::Inside, visit));
        }
        if let ConflictAction::Update { set, filter } = &conflict.action {
            let set = set.iter().map(|(_, expression)| expression);
            set.chain(filter).for_each(|expression| inside(expression, Part::Inside, visit));
        }
    }
    inside_columns(&insert.returning, visit);
}

fn tables_of(select: &Select, part: Part, visit: &mut Visit<'_>) {
    select.sources().for_each(|each| source(each, part, visit));
    let within = if part == Part::Source { Part::Inside } else { part };
    select.expressions().for_each(|expression| inside(expression, within, visit));
}

fn source(source: &Source, part: Part, visit: &mut Visit<'_>) {
    match source {
        Source::Table { schema, prefix } => visit(schema, prefix.as_deref(), part),
        Source::Subquery(select) => tables_of(select, part, visit),
    }
}

fn inside(expression: &Expression, part: Part, visit: &mut Visit<'_>) {
    for step in expression {
        if let Step::InQuery(select, _) | Step::Exists(select, _) | Step::Scalar(select) = step {
            tables_of(select, part, visit);
        }
    }
}

fn inside_columns(columns: &[OutputColumn], visit: &mut Visit<'_>) {
    for column in columns {
        if let OutputColumn::Expression { expression, .. } = column {
            inside(expression, Part::Inside, visit);
        }
    }
}
