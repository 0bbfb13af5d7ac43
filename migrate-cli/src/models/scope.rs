//! The types that the files define, and which of them a name means.

use super::{Site, SourceError};
use peristyle_derive_model::{DbEnum, Embedded, Newtype, Schema};
use std::collections::BTreeMap;
use syn::{Attribute, DeriveInput, Expr, ImplItem, Item, ItemImpl, Type, UseTree};

/// Where something is written: for names that are looked up from there.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The file, from the root.
    pub file: String,
    /// The modules around it.
    pub module: Vec<String>,
}

/// A type of the source.
pub(super) struct Definition {
    pub place: Place,
    pub site: Site,
    pub kind: Kind,
}

/// What a type is stored as.
pub(super) enum Kind {
    Enum {
        model: DbEnum,
        discriminants: Vec<Option<i64>>,
        default: Option<usize>,
    },
    Newtype(Type),
    Embedded,
    Alias(Type),
    /// `impl DbType for ..` by hand, with its `DATA_TYPE`.
    ByHand(Option<Expr>),
    Schema(Box<Schema>),
}

/// All types of the source.
#[derive(Default)]
pub(super) struct Scope {
    pub definitions: Vec<Definition>,
    by_name: BTreeMap<String, Vec<usize>>,
    /// The imports of each module: the name there, and the path that it means.
    imports: BTreeMap<Vec<String>, Vec<(String, Vec<String>)>>,
}

/// What a path means.
pub(super) enum Found<'a> {
    Definition(&'a Definition),
    /// No type of the source.
    Nothing,
    /// These are equally likely.
    Several(Vec<&'a Definition>),
}

impl Scope {
    /// Adds what an item defines; mistakes in its attributes go to `errors`.
    pub fn add(&mut self, item: &Item, place: &Place, errors: &mut Vec<SourceError>) {
        match item {
            Item::Use(item) => {
                let imports = self.imports.entry(place.module.clone()).or_default();
                add_imports(&item.tree, &mut Vec::new(), imports);
            }
            Item::Type(item) => {
                let site = Site::new(&item.ident, &place.file, item.ident.span());
                self.define(site, place, Kind::Alias((*item.ty).clone()));
            }
            Item::Impl(item) => self.add_impl(item, place),
            Item::Struct(item) => self.add_derives(&item.attrs, &DeriveInput::from(item.clone()), place, errors),
            Item::Enum(item) => self.add_derives(&item.attrs, &DeriveInput::from(item.clone()), place, errors),
            _ => {}
        }
    }

    fn add_derives(
        &mut self,
        attributes: &[Attribute],
        input: &DeriveInput,
        place: &Place,
        errors: &mut Vec<SourceError>,
    ) {
        if super::source::is_of_tests(attributes) {
            return;
        }
        for derive in derives(attributes) {
            let parsed = match derive.as_str() {
                "Schema" => Schema::parse(input).map(|schema| Kind::Schema(Box::new(schema))),
                "DbEnum" => DbEnum::parse(input).map(|model| Kind::Enum {
                    discriminants: discriminants(input),
                    default: default_variant(input),
                    model,
                }),
                "DbType" => Newtype::parse(input).map(|newtype| Kind::Newtype(newtype.inner)),
                "Embedded" => Embedded::parse(input).map(|_| Kind::Embedded),
                _ => continue,
            };
            match parsed {
                Ok(kind) => self.define(Site::new(&input.ident, &place.file, input.ident.span()), place, kind),
                Err(error) => {
                    errors.extend(error.into_iter().map(|each| SourceError::at(&place.file, each.span(), &each)));
                }
            }
        }
    }

    fn add_impl(&mut self, item: &ItemImpl, place: &Place) {
        let Some((path, _)) = &item.trait_ else { return };
        if path.segments.last().is_none_or(|last| last.ident != "DbType") {
            return;
        }
        let Type::Path(own) = &*item.self_ty else { return };
        let Some(last) = own.path.segments.last() else { return };
        let data_type = item.items.iter().find_map(|item| match item {
            ImplItem::Const(constant) if constant.ident == "DATA_TYPE" => Some(constant.expr.clone()),
            _ => None,
        });
        self.define(Site::new(&last.ident, &place.file, last.ident.span()), place, Kind::ByHand(data_type));
    }

    fn define(&mut self, site: Site, place: &Place, kind: Kind) {
        let name = site.name.clone();
        self.by_name.entry(name).or_default().push(self.definitions.len());
        self.definitions.push(Definition { place: place.clone(), site, kind });
    }

    /// The schemas, in the order of the files.
    pub fn schemas(&self) -> impl Iterator<Item = (&Definition, &Schema)> {
        self.definitions.iter().filter_map(|definition| match &definition.kind {
            Kind::Schema(schema) => Some((definition, &**schema)),
            _ => None,
        })
    }

    /// The names of a path as they are written from the roots: an import's own path before them.
    pub fn full_path(&self, path: &syn::Path, place: &Place) -> Vec<String> {
        let mut names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let import = names.first().and_then(|first| {
            self.imports.get(&place.module)?.iter().find(|(name, _)| name == first).map(|(_, path)| path.clone())
        });
        if let Some(import) = import {
            names.splice(..1, import);
        }
        names
    }

    /// What `path` means where it is written. `wanted` tells the definitions that count.
    pub fn find(&self, path: &syn::Path, place: &Place, wanted: impl Fn(&Kind) -> bool) -> Found<'_> {
        let names = self.full_path(path, place);
        let Some((name, before)) = names.split_last() else { return Found::Nothing };
        let mut found: Vec<&Definition> = self
            .by_name
            .get(name)
            .into_iter()
            .flatten()
            .map(|&position| &self.definitions[position])
            .filter(|definition| wanted(&definition.kind))
            .collect();
        let before: Vec<&String> =
            before.iter().filter(|name| !["crate", "self", "super"].contains(&name.as_str())).collect();
        narrow(&mut found, |definition| definition.place.module == place.module && before.is_empty());
        narrow(&mut found, |definition| ends_with(&definition.place.module, &before));
        // Of two crates in one project, the one that the path is written in.
        narrow(&mut found, |definition| {
            definition.place.file.split("/src/").next() == place.file.split("/src/").next()
        });
        match found[..] {
            [] => Found::Nothing,
            [one] => Found::Definition(one),
            _ => Found::Several(found),
        }
    }
}

/// Keeps what fits, unless nothing does.
fn narrow(found: &mut Vec<&Definition>, fits: impl Fn(&Definition) -> bool) {
    if found.len() > 1 && found.iter().any(|definition| fits(definition)) {
        found.retain(|definition| fits(definition));
    }
}

fn ends_with(module: &[String], end: &[&String]) -> bool {
    !end.is_empty() && module.len() >= end.len() && module[module.len() - end.len()..].iter().eq(end.iter().copied())
}

/// The names of all derives, those in a `cfg_attr` too.
fn derives(attributes: &[Attribute]) -> Vec<String> {
    let mut names = Vec::new();
    for attribute in attributes {
        let Ok(list) = attribute.meta.require_list() else { continue };
        if list.path.is_ident("derive") {
            add_derives_of(list, &mut names);
        } else if list.path.is_ident("cfg_attr") {
            let inner =
                list.parse_args_with(syn::punctuated::Punctuated::<syn::Meta, syn::Token![,]>::parse_terminated);
            for meta in inner.into_iter().flatten().skip(1) {
                if let syn::Meta::List(list) = meta
                    && list.path.is_ident("derive")
                {
                    add_derives_of(&list, &mut names);
                }
            }
        }
    }
    names
}

fn add_derives_of(list: &syn::MetaList, names: &mut Vec<String>) {
    let paths = list.parse_args_with(syn::punctuated::Punctuated::<syn::Path, syn::Token![,]>::parse_terminated);
    let last = |path: syn::Path| path.segments.last().map(|last| last.ident.to_string());
    names.extend(paths.into_iter().flatten().filter_map(last));
}

/// The numbers of an enum's variants; `None` where the text does not tell.
fn discriminants(input: &DeriveInput) -> Vec<Option<i64>> {
    let syn::Data::Enum(data) = &input.data else { return Vec::new() };
    let mut next = Some(0);
    let numbers = data.variants.iter().map(|variant| {
        let number = match &variant.discriminant {
            Some((_, expression)) => integer(expression),
            None => next,
        };
        next = number.and_then(|number: i64| number.checked_add(1));
        number
    });
    numbers.collect()
}

/// The number that a literal is, with its sign.
pub(super) fn integer(expression: &Expr) -> Option<i64> {
    match expression {
        Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(number), .. }) => number.base10_parse().ok(),
        Expr::Unary(syn::ExprUnary { op: syn::UnOp::Neg(_), expr, .. }) => integer(expr)?.checked_neg(),
        Expr::Paren(inner) => integer(&inner.expr),
        Expr::Group(inner) => integer(&inner.expr),
        _ => None,
    }
}

/// The position of the variant with `#[default]`.
fn default_variant(input: &DeriveInput) -> Option<usize> {
    let syn::Data::Enum(data) = &input.data else { return None };
    data.variants.iter().position(|variant| variant.attrs.iter().any(|attribute| attribute.path().is_ident("default")))
}

fn add_imports(tree: &UseTree, before: &mut Vec<String>, imports: &mut Vec<(String, Vec<String>)>) {
    let path = |before: &[String], name: String| before.iter().cloned().chain([name]).collect::<Vec<_>>();
    match tree {
        UseTree::Path(inner) => {
            before.push(inner.ident.to_string());
            add_imports(&inner.tree, before, imports);
            before.pop();
        }
        UseTree::Name(name) if name.ident == "self" => {
            if let Some(last) = before.last() {
                imports.push((last.clone(), before.clone()));
            }
        }
        UseTree::Name(name) => imports.push((name.ident.to_string(), path(before, name.ident.to_string()))),
        UseTree::Rename(renamed) => {
            imports.push((renamed.rename.to_string(), path(before, renamed.ident.to_string())));
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| add_imports(tree, before, imports)),
        UseTree::Glob(_) => {}
    }
}
