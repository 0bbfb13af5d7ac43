//! Foreign keys as associations of both sides.

use super::keys::JoinTable;
use super::names::{literal, raw, snake};
use super::structs::constraint_name;
use super::{Association, Struct};
use crate::catalog::{Catalog, ForeignKey, Match, ReferentialAction, Table};
use peristyle_derive_model::pluralize;

pub(super) fn add(catalog: &Catalog, between: &[JoinTable], structs: &mut [Struct], notes: &mut Vec<String>) {
    let mut links = Vec::new();
    for (place, own) in structs.iter().enumerate() {
        for key in &catalog.tables[own.table].foreign_keys {
            links.extend(Link::find(catalog, structs, place, key));
        }
    }
    for (place, own) in structs.iter_mut().enumerate() {
        let table = &catalog.tables[own.table];
        for key in &table.foreign_keys {
            note_rest(table, key, notes);
            if !links.iter().any(|link| link.from == place && link.key == *key) {
                reference(table, key, own, notes);
            }
        }
    }
    let names: Vec<String> = links.iter().map(|link| link.belongs_to(catalog, structs, notes)).collect();
    for (link, name) in links.iter().zip(&names) {
        let several = links.iter().filter(|other| (other.from, other.to) == (link.from, link.to)).count() > 1;
        link.has(catalog, structs, name, several);
    }
    for each in between {
        many_to_many(catalog, each, structs);
    }
}

/// A foreign key between two structs, whose fields are of the same types.
struct Link {
    from: usize,
    to: usize,
    key: ForeignKey,
    /// The fields of the key, in the order of the target's.
    fields: Vec<String>,
    /// The target's fields.
    references: Vec<String>,
    /// Whether these are its primary key.
    is_primary: bool,
    nullable: bool,
    all_nullable: bool,
}

impl Link {
    fn find(catalog: &Catalog, structs: &[Struct], from: usize, key: &ForeignKey) -> Option<Self> {
        let to = structs.iter().position(|each| catalog.tables[each.table].name == key.table)?;
        let (own, target) = (&structs[from], &structs[to]);
        let primary_key = catalog.tables[target.table].primary_key.as_ref().map_or(&[][..], |key| &key.columns);
        let mut pairs: Vec<(&String, &String)> = key.columns.iter().zip(&key.references).collect();
        let is_primary = primary_key.len() == pairs.len() && pairs.iter().all(|(_, other)| primary_key.contains(other));
        if is_primary {
            pairs.sort_by_key(|(_, other)| primary_key.iter().position(|column| column == *other));
        }
        let pairs = pairs.into_iter().map(|(column, other)| Some((own.field(column)?, target.field(other)?)));
        let pairs: Vec<_> = pairs.collect::<Option<_>>()?;
        // What is NULL can't be pointed at.
        let fits = pairs.iter().all(|(own, other)| own.rust_type == other.rust_type && !other.nullable);
        (fits && !pairs.is_empty()).then(|| Link {
            from,
            to,
            key: key.clone(),
            fields: pairs.iter().map(|(own, _)| own.name.clone()).collect(),
            references: pairs.iter().map(|(_, other)| other.name.clone()).collect(),
            is_primary,
            nullable: pairs.iter().any(|(own, _)| own.nullable),
            all_nullable: pairs.iter().all(|(own, _)| own.nullable),
        })
    }

    /// Adds the association of the side with the key, and gives its name.
    fn belongs_to(&self, catalog: &Catalog, structs: &mut [Struct], notes: &mut Vec<String>) -> String {
        let target = structs[self.to].name.clone();
        let table = &catalog.tables[structs[self.from].table];
        let own = &mut structs[self.from];
        let by_target = snake(&target);
        // `author_id`, or `parent_code` where that equals a `code`.
        let by_key = match (&self.fields[..], &self.references[..]) {
            ([field], [other]) => {
                let stem = field.strip_suffix("_id").or_else(|| field.strip_suffix(other)?.strip_suffix('_'));
                stem.filter(|name| !name.is_empty()).map(str::to_owned)
            }
            _ => None,
        };
        let wishes: Vec<String> = by_key.into_iter().chain([by_target.clone(), format!("{by_target}_row")]).collect();
        let name = own.free_name(&wishes);
        let mut attributes = Vec::new();
        if self.fields != [format!("{name}_id")] {
            attributes.push(list("foreign_key", &self.fields));
        }
        if !self.is_primary {
            attributes.push(list("references", &self.references));
        }
        match &self.key.on_delete {
            ReferentialAction::Cascade => attributes.push("on_delete = cascade".to_owned()),
            ReferentialAction::Restrict => attributes.push("on_delete = restrict".to_owned()),
            ReferentialAction::SetNull if self.all_nullable => attributes.push("on_delete = set_null".to_owned()),
            ReferentialAction::Nothing => {}
            _ => notes.push(format!("a struct can't say what the foreign key {:?} does on deletes", self.key.name)),
        }
        let rust_type =
            if self.nullable { format!("BelongsTo<Option<{target}>>") } else { format!("BelongsTo<{target}>") };
        own.associations.push(Association { name: name.clone(), rust_type, attributes });
        self.name_key(table, own, notes);
        name
    }

    /// Says the name of the foreign key, if it is not the usual one.
    fn name_key(&self, table: &Table, own: &mut Struct, notes: &mut Vec<String>) {
        // The struct names the columns in the order of the key that they point at.
        let fields = self.fields.iter().filter_map(|name| own.fields.iter().find(|field| field.name == *name));
        let columns: Vec<String> = fields.map(|field| field.column.clone()).collect();
        if self.key.name == constraint_name(&table.name.name, &columns, "fkey") {
            return;
        }
        let field = match &self.key.columns[..] {
            [column] => own.fields.iter_mut().find(|field| field.column == *column),
            _ => None,
        };
        let is_free = |attributes: &[String]| {
            !attributes.iter().any(|each| each == "unique" || each == "index" || each.starts_with("references"))
        };
        match (field, &self.key.references[..]) {
            (Some(field), [column]) if is_free(&field.attributes) && !has_dot(&self.key, column) => {
                field
                    .attributes
                    .push(format!("references = {}", literal(&format!("{}.{column}", self.key.table.name))));
                field.attributes.push(format!("constraint = {}", literal(&self.key.name)));
            }
            _ => notes.push(format!(
                "the foreign key {:?} of the table {} would be called otherwise by the struct",
                self.key.name,
                table.name.quoted()
            )),
        }
    }

    /// Adds the association of the side that is pointed at.
    fn has(&self, catalog: &Catalog, structs: &mut [Struct], belongs_to: &str, several: bool) {
        let from = structs[self.from].name.clone();
        let table = &catalog.tables[structs[self.from].table];
        let is_one = table.is_unique(&self.key.columns);
        let own = &mut structs[self.to];
        let plain = if is_one { snake(&from) } else { pluralize(&snake(&from)) };
        let telling = format!("{plain}_as_{belongs_to}");
        let wishes = match (self.from == self.to, several) {
            (true, _) if belongs_to == "parent" && !is_one => vec!["children".to_owned(), telling],
            (true, _) | (_, true) => vec![telling],
            _ => vec![plain, telling],
        };
        let name = own.free_name(&wishes);
        let mut attributes = Vec::new();
        if self.fields != [format!("{}_id", snake(&own.name))] {
            attributes.push(list("foreign_key", &self.fields));
        }
        if !self.is_primary {
            attributes.push(list("references", &self.references));
        }
        let kind = if is_one { "HasOne" } else { "HasMany" };
        own.associations.push(Association { name, rust_type: format!("{kind}<{from}>"), attributes });
    }
}

/// Whether `references` could not tell where the column begins.
fn has_dot(key: &ForeignKey, column: &str) -> bool {
    key.table.name.contains('.') || column.contains('.')
}

/// `name = a`, or `name(a, b)`.
fn list(name: &str, fields: &[String]) -> String {
    let fields: Vec<String> = fields.iter().map(|field| raw(field)).collect();
    match &fields[..] {
        [field] => format!("{name} = {field}"),
        fields => format!("{name}({})", fields.join(", ")),
    }
}

/// A foreign key that no association can be, at its field.
fn reference(table: &Table, key: &ForeignKey, own: &mut Struct, notes: &mut Vec<String>) {
    let field = match (&key.columns[..], &key.references[..]) {
        ([column], [other]) if !has_dot(key, other) => {
            own.fields.iter_mut().find(|field| field.column == *column).map(|field| (field, other))
        }
        _ => None,
    };
    let is_taken = |attributes: &[String]| attributes.iter().any(|each| each.starts_with("references"));
    match field.filter(|(field, _)| !is_taken(&field.attributes)) {
        Some((field, other)) => {
            field.attributes.push(format!("references = {}", literal(&format!("{}.{other}", key.table.name))));
            let is_usual = key.name == constraint_name(&table.name.name, &key.columns, "fkey");
            if !is_usual && !field.attributes.iter().any(|each| each == "unique" || each == "index") {
                field.attributes.push(format!("constraint = {}", literal(&key.name)));
            }
        }
        None => notes.push(format!(
            "the foreign key {:?} of the table {} is no association: its target has no struct, or columns of other types",
            key.name,
            table.name.quoted()
        )),
    }
}

/// Notes what a struct does not say of a foreign key.
fn note_rest(table: &Table, key: &ForeignKey, notes: &mut Vec<String>) {
    if key.deferrable || key.on_update != ReferentialAction::Nothing || key.matching != Match::Simple {
        notes.push(format!(
            "a struct can't say all of the foreign key {:?} of the table {}: DEFERRABLE, ON UPDATE and MATCH",
            key.name,
            table.name.quoted()
        ));
    }
}

fn many_to_many(catalog: &Catalog, between: &JoinTable, structs: &mut [Struct]) {
    let table = &catalog.tables[between.table];
    let find = |key: &ForeignKey| structs.iter().position(|each| catalog.tables[each.table].name == key.table);
    let (Some(left), Some(right)) = (find(&between.left), find(&between.right)) else { return };
    let rows = structs.iter().find(|each| each.table == between.table);
    let source = match rows {
        Some(rows) => format!("join_schema = {}", rows.name),
        None => format!("join_table = {}", literal(&table.name.name)),
    };
    // Of a struct it is fields that are named, of a table columns.
    let names = |columns: &[String]| -> Vec<String> {
        let name =
            |column: &String| rows.and_then(|rows| rows.field(column)).map_or(column, |field| &field.name).clone();
        columns.iter().map(name).collect()
    };
    let (left_names, right_names) = (names(&between.left.columns), names(&between.right.columns));
    let mut sides = vec![(left, right, &left_names, &right_names)];
    if left != right {
        sides.push((right, left, &right_names, &left_names));
    }
    for (own, other, own_key, other_key) in sides {
        let target = structs[other].name.clone();
        let own = &mut structs[own];
        let by_key = match &other_key[..] {
            [column] => snake(column).strip_suffix("_id").map(pluralize),
            _ => None,
        };
        let plural = pluralize(&snake(&target));
        let telling = format!("{plural}_of_{}", snake(&table.name.name));
        let wishes = match by_key {
            Some(name) if left == right => vec![name, telling],
            _ => vec![plural, telling],
        };
        let name = own.free_name(&wishes);
        let mut attributes = vec![source.clone()];
        let is_usual =
            *own_key == [format!("{}_id", snake(&own.name))] && *other_key == [format!("{}_id", snake(&target))];
        if !is_usual {
            let columns: Vec<String> = own_key.iter().chain(other_key).map(|name| raw(name)).collect();
            attributes.push(format!("join_keys({})", columns.join(", ")));
        }
        own.associations.push(Association { name, rust_type: format!("ManyToMany<{target}>"), attributes });
    }
}
