//! What a Rust type is in a store.

use super::scope::{Definition, Found, Kind, Place, Scope};
use peristyle_derive_model::{Integer, Storage, option_item};
use quote::ToTokens;
use syn::{Expr, GenericArgument, PathArguments, Type};

/// The type of a column, as every store understands it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Stored {
    Bool,
    I16,
    I32,
    I64,
    F32,
    F64,
    Text,
    Bytes,
    Uuid,
    Date,
    Time,
    DateTime,
    Timestamp,
    Decimal,
    Json,
    Interval,
    /// An enum type that Postgres declares: its name, and the values in their order.
    Enum(String, Vec<String>),
    Array(Box<Stored>),
    /// What `sql_type` says, whatever the Rust type.
    Sql(String),
}

/// Why a type is not known, and what to do.
pub(super) type Unresolved = String;

impl Scope {
    /// What a type is stored as. An Option around it counts for nothing.
    pub fn stored(&self, ty: &Type, place: &Place) -> Result<Stored, Unresolved> {
        self.resolve(option_item(ty).unwrap_or(ty), place, 0)
    }

    fn resolve(&self, ty: &Type, place: &Place, depth: usize) -> Result<Stored, Unresolved> {
        let path = match ty {
            Type::Path(path) if path.qself.is_none() => &path.path,
            Type::Group(group) => return self.resolve(&group.elem, place, depth),
            Type::Paren(paren) => return self.resolve(&paren.elem, place, depth),
            _ => return Err(unknown(ty)),
        };
        let Some(last) = path.segments.last() else { return Err(unknown(ty)) };
        if depth > 32 {
            return Err(format!("`{}` is defined by itself", text(ty)));
        }
        match self.find(path, place, |kind| !matches!(kind, Kind::Schema(_))) {
            Found::Definition(definition) if !self.is_foreign(path, place, definition) => {
                return self.of_definition(definition, ty, depth);
            }
            Found::Several(several) => {
                let all: Vec<_> = several.iter().map(|each| self.of_definition(each, ty, depth)).collect();
                if let [Ok(first), rest @ ..] = &all[..]
                    && rest.iter().all(|other| other.as_ref() == Ok(first))
                {
                    return Ok(first.clone());
                }
                let places: Vec<String> = several.iter().map(|each| each.site.position()).collect();
                return Err(format!(
                    "`{}` is defined in several places ({}): import the one that is meant, or write its path",
                    text(ty),
                    places.join(", ")
                ));
            }
            _ => {}
        }
        let name = match self.full_path(path, place).last() {
            Some(name) => name.clone(),
            None => last.ident.to_string(),
        };
        self.built_in(&name, &last.arguments, ty, place, depth)
    }

    /// Whether a path leads out of the source, though it ends in a name that the source has too: `chrono::Interval`.
    fn is_foreign(&self, path: &syn::Path, place: &Place, definition: &Definition) -> bool {
        const CRATES: [&str; 8] = ["std", "core", "alloc", "chrono", "uuid", "rust_decimal", "serde_json", "peristyle"];
        let names = self.full_path(path, place);
        let first = names.first().map(String::as_str).unwrap_or_default();
        if names.len() > 1 {
            return CRATES.contains(&first);
        }
        // The name alone, and neither imported nor of this module: what Rust itself calls so.
        const PRELUDE: [&str; 10] = ["bool", "i16", "i32", "i64", "f32", "f64", "String", "Vec", "Option", "Box"];
        PRELUDE.contains(&first) && definition.place.module != place.module
    }

    fn of_definition(&self, definition: &Definition, ty: &Type, depth: usize) -> Result<Stored, Unresolved> {
        let place = &definition.place;
        match &definition.kind {
            Kind::Enum { model, .. } => Ok(match &model.storage {
                Storage::Text => Stored::Text,
                Storage::PgType(name) => {
                    Stored::Enum(name.clone(), model.variants.iter().map(|variant| variant.name.clone()).collect())
                }
                Storage::Integer(Integer::I16) => Stored::I16,
                Storage::Integer(Integer::I32) => Stored::I32,
                Storage::Integer(Integer::I64) => Stored::I64,
            }),
            Kind::Newtype(inner) | Kind::Alias(inner) => self.resolve(inner, place, depth + 1).map_err(|reason| {
                if reason.starts_with('`') && reason.contains("is no type") { unknown(ty) } else { reason }
            }),
            Kind::Embedded => Ok(Stored::Json),
            Kind::ByHand(data_type) => {
                let known = data_type.as_ref().and_then(|expression| self.data_type(expression, place, depth + 1));
                known.ok_or_else(|| unknown(ty))
            }
            Kind::Schema(_) => Err(unknown(ty)),
        }
    }

    /// What `const DATA_TYPE: DataType = ..` says.
    fn data_type(&self, expression: &Expr, place: &Place, depth: usize) -> Option<Stored> {
        match expression {
            Expr::Path(path) => {
                let names: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
                let last = names.last()?;
                if last == "DATA_TYPE" {
                    let ty = match &path.qself {
                        Some(own) => (*own.ty).clone(),
                        None => syn::parse_str(&names[..names.len() - 1].join("::")).ok()?,
                    };
                    return self.resolve(&ty, place, depth).ok();
                }
                Some(match last.as_str() {
                    "Bool" => Stored::Bool,
                    "I16" => Stored::I16,
                    "I32" => Stored::I32,
                    "I64" => Stored::I64,
                    "F32" => Stored::F32,
                    "F64" => Stored::F64,
                    "Text" => Stored::Text,
                    "Bytes" => Stored::Bytes,
                    "Uuid" => Stored::Uuid,
                    "Date" => Stored::Date,
                    "Time" => Stored::Time,
                    "DateTime" => Stored::DateTime,
                    "Timestamp" => Stored::Timestamp,
                    "Decimal" => Stored::Decimal,
                    "Json" => Stored::Json,
                    "Interval" => Stored::Interval,
                    _ => return None,
                })
            }
            Expr::Call(call) => {
                let Expr::Path(function) = &*call.func else { return None };
                let argument = call.args.first()?;
                match (function.path.segments.last()?.ident.to_string().as_str(), argument) {
                    ("Array", Expr::Reference(item)) => {
                        self.data_type(&item.expr, place, depth).map(|item| Stored::Array(Box::new(item)))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn built_in(
        &self,
        name: &str,
        arguments: &PathArguments,
        ty: &Type,
        place: &Place,
        depth: usize,
    ) -> Result<Stored, Unresolved> {
        Ok(match name {
            "bool" => Stored::Bool,
            "i16" => Stored::I16,
            "i32" => Stored::I32,
            "i64" => Stored::I64,
            "f32" => Stored::F32,
            "f64" => Stored::F64,
            "String" => Stored::Text,
            "Uuid" => Stored::Uuid,
            "NaiveDate" => Stored::Date,
            "NaiveTime" => Stored::Time,
            "NaiveDateTime" => Stored::DateTime,
            "DateTime" => match argument(arguments).map(text).as_deref() {
                Some(zone) if zone.rsplit("::").next() == Some("Utc") => Stored::Timestamp,
                _ => return Err(format!("`{}` is not stored: write `DateTime<Utc>`", text(ty))),
            },
            "Decimal" => Stored::Decimal,
            "Value" => Stored::Json,
            "Interval" => Stored::Interval,
            "Vec" => return self.list(argument(arguments).ok_or_else(|| unknown(ty))?, place, depth),
            "i8" | "u8" | "u16" | "u32" | "u64" | "usize" | "isize" | "i128" | "u128" => {
                return Err(format!("SQL has no `{name}`: write i16, i32 or i64"));
            }
            _ => return Err(unknown(ty)),
        })
    }

    fn list(&self, item: &Type, place: &Place, depth: usize) -> Result<Stored, Unresolved> {
        if text(item) == "u8" {
            return Ok(Stored::Bytes);
        }
        let item = option_item(item).unwrap_or(item);
        // A list of embedded structs is one document.
        let embedded = match item {
            Type::Path(path) => match self.find(&path.path, place, |kind| !matches!(kind, Kind::Schema(_))) {
                Found::Definition(Definition { kind: Kind::Embedded, .. }) => true,
                Found::Several(several) => several.iter().all(|each| matches!(each.kind, Kind::Embedded)),
                _ => false,
            },
            _ => false,
        };
        if embedded {
            return Ok(Stored::Json);
        }
        self.resolve(item, place, depth + 1).map(|item| Stored::Array(Box::new(item)))
    }
}

/// The `T` of `<T>`.
fn argument(arguments: &PathArguments) -> Option<&Type> {
    match arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        }),
        _ => None,
    }
}

fn unknown(ty: &Type) -> Unresolved {
    format!(
        "`{}` is no type that the source read here tells the column of: add `#[schema(sql_type = \"..\")]` to the field, \
         or name the place of its definition in peristyle.toml",
        text(ty)
    )
}

/// The type as messages show it.
pub(super) fn text(ty: &Type) -> String {
    ty.to_token_stream().to_string().replace(' ', "").replace(',', ", ")
}
