//! The text of the file, as rustfmt leaves it.

use super::Struct;
use super::enums::{Enum, is_usual};
use super::names::{literal, raw};

/// How long a line of attributes may be.
const WIDTH: usize = 96;

/// The types that have to be imported, by where they come from.
const IMPORTS: [(&str, &[&str]); 3] = [
    ("chrono", &["DateTime", "NaiveDate", "NaiveDateTime", "NaiveTime", "Utc"]),
    ("rust_decimal", &["Decimal"]),
    ("uuid", &["Uuid"]),
];

pub(super) fn source(structs: &[Struct], enums: &[Enum]) -> String {
    let mut text = imports(structs);
    for each in enums {
        text.push('\n');
        add_enum(&mut text, each);
    }
    for each in structs {
        text.push('\n');
        add_struct(&mut text, each);
    }
    text
}

fn imports(structs: &[Struct]) -> String {
    let types: Vec<&str> = structs.iter().flat_map(|each| &each.fields).map(|field| field.rust_type.as_str()).collect();
    let is_used = |name: &str| types.iter().any(|used| used.split(['<', '>']).any(|part| part == name));
    let mut lines = vec!["use peristyle::prelude::*;\n".to_owned()];
    for (place, names) in IMPORTS {
        let used: Vec<&str> = names.iter().copied().filter(|name| is_used(name)).collect();
        match &used[..] {
            [] => {}
            [name] => lines.push(format!("use {place}::{name};\n")),
            names => lines.push(format!("use {place}::{{{}}};\n", names.join(", "))),
        }
    }
    lines.sort();
    lines.concat()
}

fn add_enum(text: &mut String, each: &Enum) {
    text.push_str("#[derive(Debug, Clone, Copy, PartialEq, Eq, DbEnum)]\n");
    text.push_str(&format!("#[db_enum(pg_type = {})]\n", literal(&each.type_name.to_string())));
    text.push_str(&format!("pub enum {} {{\n", each.name));
    for (variant, value) in &each.variants {
        if !is_usual(variant, value) {
            text.push_str(&format!("    #[db_enum(rename = {})]\n", literal(value)));
        }
        text.push_str(&format!("    {variant},\n"));
    }
    text.push_str("}\n");
}

fn add_struct(text: &mut String, each: &Struct) {
    add_comment(text, "", each.comment.as_deref());
    text.push_str("#[derive(Debug, Clone, PartialEq, Schema)]\n");
    for attribute in &each.attributes {
        text.push_str(&format!("#[schema({attribute})]\n"));
    }
    text.push_str(&format!("pub struct {} {{\n", each.name));
    for field in &each.fields {
        add_comment(text, "    ", field.comment.as_deref());
        add_attributes(text, &field.attributes);
        let own = &field.rust_type;
        let rust_type = if field.nullable { format!("Option<{own}>") } else { own.clone() };
        text.push_str(&format!("    pub {}: {rust_type},\n", raw(&field.name)));
    }
    if !each.associations.is_empty() {
        text.push('\n');
    }
    for association in &each.associations {
        add_attributes(text, &association.attributes);
        text.push_str(&format!("    pub {}: {},\n", raw(&association.name), association.rust_type));
    }
    text.push_str("}\n");
}

/// A comment of the database, as documentation.
fn add_comment(text: &mut String, indent: &str, comment: Option<&str>) {
    // Rust takes no lone carriage return in documentation.
    let comment = comment.unwrap_or_default().replace("\r\n", "\n").replace('\r', "\n");
    for line in comment.lines() {
        text.push_str(&format!("{indent}{}\n", format!("/// {line}").trim_end()));
    }
}

/// The attributes of a field: on one line, or each on its own if that would be long.
fn add_attributes(text: &mut String, attributes: &[String]) {
    let line = attributes.join(", ");
    if line.is_empty() {
        return;
    }
    if line.len() <= WIDTH - "    #[schema()]".len() {
        text.push_str(&format!("    #[schema({line})]\n"));
        return;
    }
    for attribute in attributes {
        text.push_str(&format!("    #[schema({attribute})]\n"));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_comment_of_any_line_ends_is_documentation() {
        let mut text = String::new();
        super::add_comment(&mut text, "", Some("a\r\nb\rc\n"));
        assert_eq!(text, "/// a\n/// b\n/// c\n");
    }
}
