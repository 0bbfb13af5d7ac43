//! Models, completed by what the database has and structs cannot say.

use super::table::{ModelColumn, ModelTable};
use super::{ModelDefault, Models, Spellings, Stored};
use crate::catalog::{
    Catalog, Check, Column, Default, Difference, EnumType, ForeignKey, Index, IndexPart, ObjectName, ReferentialAction,
    Table, compare,
};
use crate::diff::{Rename, likely, same};
use peristyle_query::statement::Dialect;

/// The database that the models lead to.
#[derive(Clone, Debug)]
pub struct Adopted {
    /// What the database is to be.
    pub catalog: Catalog,
    /// What is left alone, and what goes because no struct says it; besides [`Models::notes`].
    pub notes: Vec<String>,
    /// Tables that no struct names, and new ones that are much like them: renames, perhaps. Said in
    /// [`Options::renames`](crate::diff::Options::renames), they are made; otherwise the old table is left alone.
    pub renames: Vec<Rename>,
}

/// The database that models lead to, from the one that is there: what structs have no words for stays as it is.
///
/// Tables that no struct names, columns' comments, expressions as defaults, what `generated` columns are computed from, special
/// indexes, exclusions, triggers, views and functions are taken over, and so is any other spelling of what the structs say: a
/// unique constraint instead of an index, the name of a foreign key, `serial`. `current` has the renames done already that
/// the difference is to have ([`diff::renamed`](crate::diff::renamed)). Conditions are compared by their text; see
/// [`adopt_with`].
pub fn adopt(models: &Models, current: &Catalog, dialect: Dialect) -> Adopted {
    adopt_with(models, current, dialect, &Spellings::default())
}

/// As [`adopt`], with what Postgres was [asked](super::ask) for.
pub fn adopt_with(models: &Models, current: &Catalog, dialect: Dialect, spellings: &Spellings) -> Adopted {
    let mut catalog = super::catalog(models, dialect);
    let mut notes = Vec::new();
    let adoption = Adoption { dialect, spellings };
    for table in &mut catalog.tables {
        let Some(model) = models.table(&table.name) else { continue };
        if let Some(own) = current.table(&table.name) {
            adoption.table(model, table, own, &mut notes);
        }
    }
    let skipped = |model: &&ModelTable| dialect == Dialect::Sqlite && model.name.prefix.is_some();
    for model in models.tables.iter().filter(skipped) {
        notes.push(format!("{} is left out: on SQLite a prefix is an attached database", model.name));
    }
    let named = |table: &&Table| catalog.table(&table.name).is_none();
    let others: Vec<Table> = current.tables.iter().filter(named).cloned().collect();
    let unnamed: Vec<String> = others
        .iter()
        .filter(|table| !models.unmanaged.contains(&table.name))
        .map(|table| table.name.to_string())
        .collect();
    if !unnamed.is_empty() {
        notes.push(format!("left alone, since no struct names them: {}", unnamed.join(", ")));
    }
    let gone = Catalog { tables: others.clone(), ..Catalog::default() };
    let new = catalog.tables.iter().filter(|table| current.table(&table.name).is_none()).cloned();
    let new = Catalog { tables: new.collect(), ..Catalog::default() };
    let mut renames = likely(&gone, &new, dialect);
    renames.retain(|rename| !matches!(rename, Rename::Table { from, .. } if models.unmanaged.contains(from)));
    catalog.tables.extend(others);
    adoption.enums(&mut catalog, current);
    catalog.schemas.extend(current.schemas.iter().cloned());
    catalog.schemas.sort();
    catalog.schemas.dedup();
    catalog.extensions.clone_from(&current.extensions);
    catalog.views.clone_from(&current.views);
    catalog.functions.clone_from(&current.functions);
    catalog.others.clone_from(&current.others);
    catalog.sort();
    Adopted { catalog, notes, renames }
}

/// How the database differs from the models, as sentences; none if it is as they say. Conditions are compared by their text;
/// see [`differences_with`].
pub fn differences(models: &Models, current: &Catalog, dialect: Dialect) -> Vec<Difference> {
    differences_with(models, current, dialect, &Spellings::default())
}

/// As [`differences`], with what Postgres was [asked](super::ask) for.
pub fn differences_with(
    models: &Models,
    current: &Catalog,
    dialect: Dialect,
    spellings: &Spellings,
) -> Vec<Difference> {
    compare(&adopt_with(models, current, dialect, spellings).catalog, current)
}

struct Adoption<'a> {
    dialect: Dialect,
    spellings: &'a Spellings,
}

impl Adoption<'_> {
    fn table(&self, model: &ModelTable, table: &mut Table, own: &Table, notes: &mut Vec<String>) {
        for column in &mut table.columns {
            if let (Some(own_column), Some(model)) = (own.column(&column.name), model.column(&column.name)) {
                let in_key = own.primary_key.as_ref().is_some_and(|key| key.columns.contains(&column.name));
                self.column(&table.name, model, column, own_column, in_key);
            }
        }
        if let (Some(key), Some(own_key)) = (&mut table.primary_key, &own.primary_key) {
            let sorted = |columns: &[String]| {
                let mut columns = columns.to_vec();
                columns.sort();
                columns
            };
            if sorted(&key.columns) == sorted(&own_key.columns) {
                *key = own_key.clone();
            }
        }
        self.foreign_keys(model, table, own, notes);
        self.indexes(model, table, own, notes);
        self.checks(table, own, notes);
        table.exclusions.clone_from(&own.exclusions);
        table.triggers.clone_from(&own.triggers);
        table.modifiers.clone_from(&own.modifiers);
        table.options.clone_from(&own.options);
        table.partition_of.clone_from(&own.partition_of);
        table.comment.clone_from(&own.comment);
    }

    fn column(&self, table: &ObjectName, model: &ModelColumn, column: &mut Column, own: &Column, in_key: bool) {
        let known = self.spellings.table(table);
        let column_type = known.and_then(|known| known.types.get(&column.name));
        let spelt = column_type.map(|column_type| Column { column_type: column_type.clone(), ..column.clone() });
        if self.holds(model, spelt.as_ref().unwrap_or(column), own) {
            column.column_type = own.column_type.clone();
            column.collation.clone_from(&own.collation);
        }
        // A default that no field can say: an expression, or a value of a type that has no literals in attributes.
        let is_expression =
            |default: &Option<Default>| matches!(default, Some(Default::Sql(_))) || !has_literals(&model.stored);
        let unknown = matches!(model.default, Some(ModelDefault::Unknown(_) | ModelDefault::RandomUuid))
            && column.default.is_none();
        let keeps = model.is_generated || unknown || column.default.is_none() && is_expression(&own.default);
        let same = |default: Option<&Default>| {
            same::same_default(default, own.default.as_ref(), &column.column_type, self.dialect)
        };
        let default = known.and_then(|known| known.defaults.get(&column.name));
        if keeps || same(column.default.as_ref()) || default.is_some_and(|default| same(Some(default))) {
            column.default.clone_from(&own.default);
        }
        // A number for rows without one does no harm where the program gives it.
        if same::is_numbered(own) {
            let grows = !same::same_type(column, own, self.dialect);
            column.identity = own.identity.clone().or(column.identity.take().filter(|_| grows));
            if !grows {
                column.default.clone_from(&own.default);
            }
        } else if column.identity.is_some() && self.is_rowid(own, in_key) {
            column.identity = None;
        }
        if own.generated.is_some() {
            column.generated.clone_from(&own.generated);
            column.default = None;
        }
        // SQLite's keys may be NULL unless they say otherwise.
        if in_key && self.dialect == Dialect::Sqlite {
            column.nullable = own.nullable;
        }
        column.comment.clone_from(&own.comment);
    }

    fn is_rowid(&self, own: &Column, in_key: bool) -> bool {
        self.dialect == Dialect::Sqlite && in_key && same::type_name(&own.column_type, self.dialect) == "INTEGER"
    }

    /// Whether the column that is there holds what the model's does.
    fn holds(&self, model: &ModelColumn, column: &Column, own: &Column) -> bool {
        if same::same_type(column, own, self.dialect)
            || column.collation.is_none() && {
                // A collation of the database's own is kept, which structs cannot say.
                let plain = Column { collation: None, ..own.clone() };
                own.collation.is_some() && same::same_type(column, &plain, self.dialect)
            }
        {
            return true;
        }
        if self.dialect != Dialect::Sqlite {
            return false;
        }
        // SQLite goes by the words in a type's name, and not all names make a difference.
        let name = same::type_name(&own.column_type, self.dialect);
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        match &model.stored {
            Stored::Bool => has(&["BOOL", "INT"]),
            Stored::I16 | Stored::I32 | Stored::I64 => has(&["INT"]),
            Stored::F32 | Stored::F64 => has(&["REAL", "FLOA", "DOUB"]),
            Stored::Decimal => has(&["NUMERIC", "DECIMAL"]),
            Stored::Date | Stored::Time | Stored::DateTime | Stored::Timestamp => {
                has(&["CHAR", "CLOB", "TEXT", "DATE", "TIME"])
            }
            Stored::Json | Stored::Array(_) => has(&["CHAR", "CLOB", "TEXT", "JSON"]),
            Stored::Uuid => has(&["CHAR", "CLOB", "TEXT", "UUID"]),
            Stored::Text | Stored::Interval | Stored::Enum(..) => has(&["CHAR", "CLOB", "TEXT"]),
            Stored::Bytes => has(&["BLOB"]) || name.is_empty(),
            Stored::Sql(_) => false,
        }
    }

    fn foreign_keys(&self, model: &ModelTable, table: &mut Table, own: &Table, notes: &mut Vec<String>) {
        let leads_there = |a: &ForeignKey, b: &ForeignKey| {
            let pairs = |key: &ForeignKey| {
                let mut pairs: Vec<_> = key.columns.iter().cloned().zip(key.references.iter().cloned()).collect();
                pairs.sort();
                pairs
            };
            a.table == b.table && pairs(a) == pairs(b)
        };
        for key in &mut table.foreign_keys {
            let Some(own_key) = own.foreign_keys.iter().find(|other| leads_there(key, other)) else { continue };
            let on_delete = key.on_delete.clone();
            // What a struct does not say of rows between, or has no words for, is the database's matter.
            let silent = on_delete == ReferentialAction::Nothing && (model.is_join_table || !is_sayable(own_key, own));
            let of_columns = matches!(
                (&on_delete, &own_key.on_delete),
                (ReferentialAction::SetNull, ReferentialAction::SetNullColumns(_))
            );
            *key = own_key.clone();
            if !silent && !of_columns {
                key.on_delete = on_delete;
            }
        }
        for key in &own.foreign_keys {
            let stays = table.foreign_keys.iter().any(|other| leads_there(key, other));
            let has_columns = key.columns.iter().all(|column| table.column(column).is_some());
            if !stays && has_columns && key.name.is_empty() {
                table.foreign_keys.push(key.clone());
            } else if !stays && has_columns {
                notes.push(format!(
                    "the foreign key {} of {} goes, since no field has `references` or a BelongsTo for it",
                    key.name, own.name
                ));
            }
        }
    }

    fn indexes(&self, model: &ModelTable, table: &mut Table, own: &Table, notes: &mut Vec<String>) {
        let mut kept: Vec<String> = Vec::new();
        let mut uniques = Vec::new();
        let wanted = std::mem::take(&mut table.indexes);
        for index in wanted {
            let columns = plain_columns(&index);
            let alike = |other: &&Index| self.same_index(&own.name, &index, other);
            let by_name = own.indexes.iter().filter(|other| other.name == index.name).find(alike);
            let found = by_name.or_else(|| {
                own.indexes
                    .iter()
                    .filter(|other| {
                        !kept.contains(&other.name) && !model.indexes.iter().any(|each| each.name == other.name)
                    })
                    .find(alike)
            });
            if let Some(other) = found {
                kept.push(other.name.clone());
                table.indexes.push(other.clone());
                continue;
            }
            // A constraint, or the key itself, makes the same values unique.
            if index.unique && index.filter.is_none() {
                let unique = own.uniques.iter().find(|unique| Some(&unique.columns) == columns.as_ref());
                if let Some(unique) = unique {
                    uniques.push(unique.clone());
                    continue;
                }
                if own.primary_key.as_ref().is_some_and(|key| Some(&key.columns) == columns.as_ref()) {
                    continue;
                }
            }
            table.indexes.push(index);
        }
        for other in &own.indexes {
            let there = table.indexes.iter().any(|index| index.name == other.name);
            if !there && (model.is_join_table || !is_plain(other)) {
                table.indexes.push(other.clone());
            }
        }
        for other in &own.uniques {
            let plain = !other.deferrable && !other.nulls_not_distinct && other.name.is_some();
            if !uniques.contains(other) && (model.is_join_table || !plain) {
                uniques.push(other.clone());
            }
        }
        // What goes with a column that is gone cannot stay.
        let has = |columns: &[String]| columns.iter().all(|column| table.columns.iter().any(|own| own.name == *column));
        uniques.retain(|unique| has(&unique.columns));
        table.uniques = uniques;
        let columns: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        let on_columns = |index: &Index| {
            let parts = index.columns.iter().filter_map(|column| match &column.part {
                IndexPart::Column(name) => Some(name),
                IndexPart::Expression(_) => None,
            });
            parts.chain(&index.include).all(|name| columns.contains(name))
        };
        table.indexes.retain(on_columns);
        let gone = own.indexes.iter().filter(|other| table.indexes.iter().all(|index| index.name != other.name));
        notes
            .extend(gone.map(|index| format!("the index {} of {} goes, since no struct has it", index.name, own.name)));
        let gone = own.uniques.iter().filter(|other| !table.uniques.contains(other));
        notes.extend(gone.map(|unique| {
            let name = unique.name.clone().unwrap_or_else(|| format!("({})", unique.columns.join(", ")));
            format!("the unique constraint {name} of {} goes, since no struct has it", own.name)
        }));
    }

    fn same_index(&self, table: &ObjectName, wanted: &Index, own: &Index) -> bool {
        let filters = match (&wanted.filter, &own.filter) {
            (Some(a), Some(b)) => self.spellings.same_condition(table, a, b, self.dialect),
            (a, b) => a == b,
        };
        filters && is_plain(own) && wanted.unique == own.unique && plain_columns(wanted) == plain_columns(own)
    }

    fn checks(&self, table: &mut Table, own: &Table, notes: &mut Vec<String>) {
        for check in &mut table.checks {
            let same = |other: &&Check| {
                (other.name == check.name || other.name.is_none())
                    && self.spellings.same_condition(&own.name, &check.condition, &other.condition, self.dialect)
            };
            if let Some(other) = own.checks.iter().find(same) {
                *check = other.clone();
            }
        }
        for other in &own.checks {
            let Some(name) = &other.name else {
                if !table.checks.contains(other) {
                    table.checks.push(other.clone());
                }
                continue;
            };
            if table.checks.iter().any(|check| check.name == other.name) {
                continue;
            }
            // The check of a column that a Rust migration made as an enum.
            let of_enum = self.dialect == Dialect::Sqlite
                && table
                    .columns
                    .iter()
                    .any(|column| name.starts_with(&format!("{}_{}_is_", table.name.name, column.name)));
            if of_enum {
                table.checks.push(other.clone());
            } else {
                notes.push(format!("the check {name} of {} goes, since no struct has it", own.name));
            }
        }
    }

    fn enums(&self, catalog: &mut Catalog, current: &Catalog) {
        for each in &mut catalog.enums {
            let Some(own) = current.enum_type(&each.name) else { continue };
            let same =
                own.values.len() == each.values.len() && own.values.iter().all(|value| each.values.contains(value));
            if same {
                each.values.clone_from(&own.values);
            } else if own.values.iter().all(|value| each.values.contains(value)) {
                each.values = extended(own, each);
            }
        }
        let others = current.enums.iter().filter(|own| catalog.enum_type(&own.name).is_none());
        let others: Vec<EnumType> = others.cloned().collect();
        catalog.enums.extend(others);
    }
}

/// The values of a type with further ones, each before the one that it stands before in the enum; the order of those
/// that are there cannot change.
fn extended(own: &EnumType, wanted: &EnumType) -> Vec<String> {
    let mut values = own.values.clone();
    for (position, value) in wanted.values.iter().enumerate().rev() {
        if values.contains(value) {
            continue;
        }
        let next = wanted.values.get(position + 1).and_then(|next| values.iter().position(|each| each == next));
        values.insert(next.unwrap_or(values.len()), value.clone());
    }
    values
}

/// Whether the attribute `default` can have a value of this type.
fn has_literals(stored: &Stored) -> bool {
    match stored {
        Stored::Array(item) => has_literals(item),
        Stored::Uuid
        | Stored::Date
        | Stored::Time
        | Stored::DateTime
        | Stored::Timestamp
        | Stored::Interval
        | Stored::Bytes => false,
        _ => true,
    }
}

/// Whether structs can say what becomes of a row whose key points at one that goes.
fn is_sayable(key: &ForeignKey, table: &Table) -> bool {
    let may_be_null = |name: &String| table.column(name).is_some_and(|column| column.nullable);
    match key.on_delete {
        ReferentialAction::SetNull => key.columns.iter().all(may_be_null),
        ReferentialAction::SetDefault
        | ReferentialAction::SetNullColumns(_)
        | ReferentialAction::SetDefaultColumns(_) => false,
        ReferentialAction::Nothing | ReferentialAction::Restrict | ReferentialAction::Cascade => true,
    }
}

/// Whether structs can say such an index.
fn is_plain(index: &Index) -> bool {
    index.using.as_deref().is_none_or(|using| using == "btree")
        && index.include.is_empty()
        && index.nulls_distinct != Some(false)
        && index.options.is_none()
        && !index.only
        && plain_columns(index).is_some()
        && index
            .columns
            .iter()
            .all(|column| column.direction.is_none() && column.collation.is_none() && column.operator_class.is_none())
}

pub(super) fn plain_columns(index: &Index) -> Option<Vec<String>> {
    let name = |part: &IndexPart| match part {
        IndexPart::Column(name) => Some(name.clone()),
        IndexPart::Expression(_) => None,
    };
    index.columns.iter().map(|column| name(&column.part)).collect()
}
