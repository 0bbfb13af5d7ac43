//! A struct or enum kept as JSON: `#[derive(Embedded)]`.

use crate::db_enum::refuse_same_names;
use crate::embedded_associations::{self, EmbeddedAssociations};
use crate::errors::Errors;
use crate::field::Field;
use crate::item;
use crate::rename::Rename;
use crate::{association, attribute};
use syn::ext::IdentExt;
use syn::{Attribute, Data, DeriveInput, Fields, FieldsNamed, Ident, Type, Variant, Visibility};

/// A struct or enum with `#[derive(Embedded)]`.
#[derive(Clone, Debug)]
pub struct Embedded {
    /// The item's identifier.
    pub ident: Ident,
    /// The item's visibility.
    pub vis: Visibility,
    /// The path of the facade crate.
    pub root: syn::Path,
    /// The name of the item, without `r#`.
    pub name: String,
    /// What it is.
    pub kind: EmbeddedKind,
    /// The associations of a struct, which are no part of its JSON.
    pub associations: EmbeddedAssociations,
}

/// What an embedded item is.
#[derive(Clone, Debug)]
pub enum EmbeddedKind {
    /// A struct: a JSON object, without the associations.
    Struct(Vec<EmbeddedField>),
    /// An enum, externally tagged as serde does it.
    Enum(Vec<EmbeddedVariant>),
}

/// A named field.
#[derive(Clone, Debug)]
pub struct EmbeddedField {
    /// The field's identifier.
    pub ident: Ident,
    /// The field's type.
    pub ty: Type,
    /// Its key in the JSON object.
    pub key: String,
    /// Whether a missing key is the type's default.
    pub default: bool,
    /// Whether the associations of what it embeds are reached through it.
    pub embed: bool,
    /// The field's visibility.
    pub vis: Visibility,
    /// The field's documentation.
    pub docs: Vec<Attribute>,
}

/// A variant.
#[derive(Clone, Debug)]
pub struct EmbeddedVariant {
    /// The variant's identifier.
    pub ident: Ident,
    /// Its name in JSON.
    pub name: String,
    /// What it holds.
    pub fields: VariantFields,
}

/// What a variant holds.
#[derive(Clone, Debug)]
pub enum VariantFields {
    /// Nothing: its name as a string.
    Unit,
    /// One value: `{"name": value}`.
    Newtype(Box<Type>),
    /// Several values: `{"name": [..]}`.
    Tuple(Vec<Type>),
    /// Named fields: `{"name": {..}}`.
    Struct(Vec<EmbeddedField>),
}

const KNOWN: &[&str] = &["rename_all", "crate"];
const KNOWN_ON_FIELDS: &[&str] = &["rename", "default", "embed"];
const KNOWN_ON_VARIANTS: &[&str] = &["rename"];

impl Embedded {
    /// The struct or enum that an item describes.
    ///
    /// # Errors
    ///
    /// All mistakes, combined, each pointing at its token.
    pub fn parse(input: &DeriveInput) -> syn::Result<Self> {
        const WANTED: &str = "a struct with named fields or an enum; a newtype takes #[derive(DbType)]";
        let mut errors = Errors::default();
        item::refuse_generics(input, "Embedded", &mut errors);
        let entries = attribute::entries(&input.attrs, "embedded", &mut errors);
        attribute::refuse_repeated(&entries, &[], &mut errors);
        let mut root = attribute::default_crate();
        let mut style = None;
        for entry in &entries {
            match entry.name.to_string().as_str() {
                "rename_all" => style = errors.keep(Rename::parse(entry)),
                "crate" => root = errors.keep(entry.crate_path()).unwrap_or(root),
                _ => errors.push(entry.unknown("embedded", KNOWN)),
            }
        }
        let mut associations = EmbeddedAssociations::default();
        let kind = match &input.data {
            Data::Struct(data) => match &data.fields {
                Fields::Named(fields) => {
                    let (members, found) = members(fields, style, &mut errors);
                    associations = found;
                    EmbeddedKind::Struct(members)
                }
                _ => return Err(item::not_this(input, "Embedded", WANTED)),
            },
            Data::Enum(data) => {
                let variants = data.variants.iter().map(|variant| parse_variant(variant, style, &mut errors));
                let variants: Vec<EmbeddedVariant> = variants.collect();
                let names = variants.iter().map(|variant| (variant.name.as_str(), variant.ident.span()));
                refuse_same_names(names, &mut errors);
                if variants.is_empty() {
                    errors.at(&input.ident, "an enum needs at least one variant to be stored");
                }
                EmbeddedKind::Enum(variants)
            }
            Data::Union(_) => return Err(item::not_this(input, "Embedded", WANTED)),
        };
        let (ident, vis, name) = (input.ident.clone(), input.vis.clone(), input.ident.unraw().to_string());
        errors.finish(Embedded { ident, vis, root, name, kind, associations })
    }
}

/// The fields of a struct, and its associations.
fn members(
    fields: &FieldsNamed,
    style: Option<Rename>,
    errors: &mut Errors,
) -> (Vec<EmbeddedField>, EmbeddedAssociations) {
    let (mut parsed, mut candidates, mut drafts) = (Vec::new(), Vec::new(), Vec::new());
    for field in &fields.named {
        if let Some(draft) = embedded_associations::draft(field, errors) {
            drafts.push(draft);
        } else if let Some(member) = member(field, style, errors) {
            candidates.push(Field::embedded(member.ident.clone(), field, &member.key));
            parsed.push(member);
        }
    }
    refuse_same_keys(&parsed, errors);
    let associations = embedded_associations::resolve(drafts, &candidates, errors);
    (parsed, associations)
}

/// The fields of a variant.
fn named(fields: &FieldsNamed, errors: &mut Errors) -> Vec<EmbeddedField> {
    let mut parsed = Vec::new();
    for field in &fields.named {
        embedded_associations::refuse_in_variant(&field.ty, errors);
        // As in serde, `rename_all` of an enum is for its variants.
        parsed.extend(member(field, None, errors));
    }
    refuse_same_keys(&parsed, errors);
    if let Some(field) = parsed.iter().find(|field| field.embed) {
        errors.at(&field.ident, "`embed` is for fields of a struct: nothing reaches into a variant");
    }
    parsed
}

fn refuse_same_keys(fields: &[EmbeddedField], errors: &mut Errors) {
    refuse_same_names(fields.iter().map(|field| (field.key.as_str(), field.ident.span())), errors);
}

fn member(field: &syn::Field, style: Option<Rename>, errors: &mut Errors) -> Option<EmbeddedField> {
    let ident = field.ident.clone()?;
    let (mut rename, mut default, mut embed) = (None, false, false);
    let entries = attribute::entries(&field.attrs, "embedded", errors);
    attribute::refuse_repeated(&entries, &[], errors);
    for entry in &entries {
        match entry.name.to_string().as_str() {
            "rename" => rename = errors.keep(entry.string("theme")).map(|text| text.value()),
            "default" => default = errors.keep(entry.flag()).is_some(),
            "embed" => embed = errors.keep(entry.flag()).is_some(),
            name if association::is_attribute(name) => {
                let message = format!("`{name}` is for association fields, such as `user: BelongsTo<User>`");
                errors.push(syn::Error::new(entry.span(), message));
            }
            _ => errors.push(entry.unknown("field", KNOWN_ON_FIELDS)),
        }
    }
    let key = rename.unwrap_or_else(|| styled(&ident, style));
    let docs = field.attrs.iter().filter(|attribute| attribute.path().is_ident("doc")).cloned().collect();
    Some(EmbeddedField { ident, ty: field.ty.clone(), key, default, embed, vis: field.vis.clone(), docs })
}

fn parse_variant(variant: &Variant, style: Option<Rename>, errors: &mut Errors) -> EmbeddedVariant {
    let mut name = styled(&variant.ident, style);
    for entry in attribute::entries(&variant.attrs, "embedded", errors) {
        match entry.name.to_string().as_str() {
            "rename" => name = errors.keep(entry.string("email")).map_or(name, |text| text.value()),
            _ => errors.push(entry.unknown("variant", KNOWN_ON_VARIANTS)),
        }
    }
    let fields = match &variant.fields {
        Fields::Unit => VariantFields::Unit,
        Fields::Named(fields) => VariantFields::Struct(named(fields, errors)),
        Fields::Unnamed(fields) => {
            for field in &fields.unnamed {
                embedded_associations::refuse_in_variant(&field.ty, errors);
                if let Some(found) = field.attrs.iter().find(|found| found.path().is_ident("embedded")) {
                    errors.at(found, "a field without a name takes no attributes");
                }
            }
            let mut types: Vec<Type> = fields.unnamed.iter().map(|field| field.ty.clone()).collect();
            match types.len() {
                1 => VariantFields::Newtype(Box::new(types.remove(0))),
                _ => VariantFields::Tuple(types),
            }
        }
    };
    EmbeddedVariant { ident: variant.ident.clone(), name, fields }
}

fn styled(ident: &Ident, style: Option<Rename>) -> String {
    let name = ident.unraw().to_string();
    style.map_or_else(|| name.clone(), |style| style.apply(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[track_caller]
    fn refused(input: DeriveInput, expected: &str) {
        let error = Embedded::parse(&input).map(|found| found.ident).expect_err("it cannot be embedded").to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn keys_are_the_fields_names_unless_renamed() {
        let input = parse_quote!(
            #[embedded(rename_all = "camelCase")]
            struct Settings {
                page_size: i32,
                #[embedded(rename = "kind", default)]
                r#type: String,
            }
        );
        let EmbeddedKind::Struct(fields) = Embedded::parse(&input).unwrap().kind else { panic!("not a struct") };
        let keys: Vec<(&str, bool)> = fields.iter().map(|field| (field.key.as_str(), field.default)).collect();
        assert_eq!(keys, [("pageSize", false), ("kind", true)]);
    }

    #[test]
    fn variants_keep_their_names_and_shapes() {
        let input = parse_quote!(
            #[embedded(rename_all = "snake_case")]
            enum Channel {
                NoOne,
                ByMail(String),
                Pair(i32, i32),
                #[embedded(rename = "push")]
                Phone {
                    line_no: i64,
                },
            }
        );
        let EmbeddedKind::Enum(variants) = Embedded::parse(&input).unwrap().kind else { panic!("not an enum") };
        let names: Vec<&str> = variants.iter().map(|variant| variant.name.as_str()).collect();
        assert_eq!(names, ["no_one", "by_mail", "pair", "push"]);
        assert!(matches!(variants[0].fields, VariantFields::Unit));
        assert!(matches!(variants[1].fields, VariantFields::Newtype(_)));
        assert!(matches!(&variants[2].fields, VariantFields::Tuple(types) if types.len() == 2));
        assert!(matches!(&variants[3].fields, VariantFields::Struct(fields) if fields[0].key == "line_no"));
    }

    #[test]
    fn mistakes_are_refused() {
        refused(
            parse_quote!(
                struct Settings(i64);
            ),
            "a newtype takes #[derive(DbType)]",
        );
        refused(
            parse_quote!(
                enum Never {}
            ),
            "at least one variant",
        );
        refused(
            parse_quote!(
                struct Page<T> {
                    items: T,
                }
            ),
            "types without parameters",
        );
        refused(
            parse_quote!(
                #[embedded(rename = "x")]
                struct S {
                    a: i64,
                }
            ),
            "did you mean `rename_all`?",
        );
        refused(
            parse_quote!(
                struct S {
                    #[embedded(defualt)]
                    a: i64,
                }
            ),
            "did you mean `default`?",
        );
        refused(
            parse_quote!(
                struct S {
                    a: i64,
                    #[embedded(rename = "a")]
                    b: i64,
                }
            ),
            "is the stored name of another one",
        );
        refused(
            parse_quote!(
                enum E {
                    A(#[embedded(default)] i64),
                }
            ),
            "a field without a name takes no attributes",
        );
    }
}
