//! The calls of the builder that validations and constraints stand for.

use super::{association_place, method, place};
use peristyle_derive_model::{
    Bounds, Constraint, ConstraintKind, NameMatch, Param, ParamKind, Params, Rule, Validation,
};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, Path};

/// A statement for each, in the order of the struct.
pub(super) fn calls(params: &Params) -> Vec<TokenStream> {
    let root = &params.root;
    let mut calls = Vec::new();
    for field in &params.fields {
        calls.extend(field.validations.iter().map(|rule| validation(rule, field, root)));
    }
    for field in &params.fields {
        calls.extend(field.constraints.iter().map(|found| constraint(found, Some(field), root)));
    }
    for (position, field) in params.fields.iter().enumerate() {
        calls.extend(required_association(position, field, root));
    }
    calls.extend(params.constraints.iter().enumerate().map(|(position, found)| match found.fields.as_slice() {
        [_] if found.is_of_association() => of_association(position, found, root),
        _ => constraint(found, None, root),
    }));
    calls.extend(params.validate.iter().map(|path| {
        let called = method("validate_with", path.span());
        quote!(let changeset = changeset.#called(#path);)
    }));
    calls
}

fn validation(validation: &Validation, field: &Param, root: &Path) -> TokenStream {
    let Validation { span, rule, message } = validation;
    let name = &field.name;
    let (ty, _) = field.without_options();
    let named = quote_spanned!(ty.span()=> #root::changeset::derived::Named::<#ty>::new(#name));
    let call = |called: &str, arguments: TokenStream| {
        let called = method(called, *span);
        quote!(#called(|_| #named, #arguments))
    };
    let call = match rule {
        Rule::Format(pattern) => call("validate_format", quote!(#pattern)),
        Rule::Inclusion(values) => call("validate_inclusion", quote!(#values)),
        Rule::Exclusion(values) => call("validate_exclusion", quote!(#values)),
        Rule::Subset(values) => call("validate_subset", quote!(#values)),
        Rule::Length(bounds, count) => call("validate_length", length(bounds, count.as_ref(), root)),
        Rule::Number(bounds) => call("validate_number", number(bounds, root)),
        Rule::Acceptance => {
            let called = method("validate_acceptance", *span);
            quote!(#called(#name))
        }
        Rule::Confirmation { required } => {
            let called = if *required { "validate_confirmation_required" } else { "validate_confirmation" };
            let called = method(called, *span);
            quote!(#called(|_| #named))
        }
        Rule::Custom(path) => call("validate_change", quote_spanned!(path.span()=> |value: &#ty| #path(value))),
    };
    let message = message.as_ref().map(|message| quote!(.with_message(#message)));
    quote!(let changeset = changeset.#call #message;)
}

/// A `Length`, or a range of lengths.
fn length(bounds: &Bounds, count: Option<&Ident>, root: &Path) -> TokenStream {
    let length = quote!(#root::changeset::Length);
    let unit = count.map(|count| quote!(.#count()));
    match bounds {
        Bounds::Range(range) if unit.is_none() => quote!(#range),
        Bounds::Range(range) => quote!(#length::from(#range) #unit),
        Bounds::Named(named) => {
            let calls = named.iter().map(|(name, value)| {
                let method = if name == "equal" { Ident::new("is", name.span()) } else { name.clone() };
                quote!(.#method(#value))
            });
            quote!(#length::new() #(#calls)* #unit)
        }
    }
}

/// A `Number`, or a range of numbers.
fn number(bounds: &Bounds, root: &Path) -> TokenStream {
    match bounds {
        Bounds::Range(range) => quote!(#range),
        Bounds::Named(named) => {
            let calls = named.iter().map(|(name, value)| quote!(.#name(#value)));
            quote!(#root::changeset::Number::new() #(#calls)*)
        }
    }
}

fn constraint(constraint: &Constraint, field: Option<&Param>, root: &Path) -> TokenStream {
    let Constraint { span, kind, fields, name, error_on, .. } = constraint;
    let own = field.map(|field| field.name.clone());
    let mut names: Vec<String> = fields.iter().map(|field| field.unraw().to_string()).collect();
    if names.is_empty() {
        names.extend(own.clone());
    }
    let list = quote!(|_| #root::changeset::derived::NamedList(&[#(#names),*]));
    let call = match kind {
        ConstraintKind::Unique => call_of("unique_constraint", *span, quote!(#list)),
        ConstraintKind::ForeignKey => call_of("foreign_key_constraint", *span, quote!(#list)),
        // Those of associations have a function of their own.
        ConstraintKind::Exclusion | ConstraintKind::Association | ConstraintKind::NoAssociation => {
            call_of("exclusion_constraint", *span, quote!(#list))
        }
        ConstraintKind::Check => {
            let name = name.as_ref().map_or("", |(_, name)| name.as_str());
            call_of("check_constraint", *span, quote!(#list, #name))
        }
    };
    let options = options(constraint);
    // The error stands where the attribute does.
    let error_on = error_on.clone().or(own).filter(|field| Some(field) != names.first());
    let error_on = error_on.map(|field| quote!(.with_error_on(#field)));
    quote!(let changeset = changeset.#call #options #error_on;)
}

/// An association that must hold a row.
fn required_association(position: usize, field: &Param, root: &Path) -> Option<TokenStream> {
    let filled = field.required && (!field.is_list() || field.required_by_attribute);
    (field.kind == ParamKind::Association && filled).then(|| {
        let (place, (item, _)) = (place(position), field.nested_item());
        let of = quote!(<#item as #root::changeset::Params>::Schema);
        let message = field.required_message.as_ref().map(|message| quote!(.with_message(#message)));
        quote! {
            let changeset = changeset
                .validate_required_assoc(|_| #root::changeset::derived::NamedAssociation::<#of, #place>::new())
                #message;
        }
    })
}

/// A constraint that ties rows of an association together.
fn of_association(position: usize, constraint: &Constraint, root: &Path) -> TokenStream {
    let place = association_place(position);
    let called = match constraint.kind {
        ConstraintKind::NoAssociation => "no_assoc_constraint",
        _ => "assoc_constraint",
    };
    let named = quote!(|_| #root::changeset::derived::NamedAssociation::<_, #place>::new());
    let call = call_of(called, constraint.span, named);
    let options = options(constraint);
    let error_on = constraint.error_on.as_ref().map(|field| quote!(.with_error_on(#field)));
    quote!(let changeset = changeset.#call #options #error_on;)
}

/// The name and the message of a constraint.
fn options(constraint: &Constraint) -> TokenStream {
    let name = constraint.name.as_ref().map(|(compared, name)| match compared {
        NameMatch::Exact => quote!(.with_name(#name)),
        NameMatch::Prefix => quote!(.with_name_prefix(#name)),
        NameMatch::Suffix => quote!(.with_name_suffix(#name)),
    });
    let message = constraint.message.as_ref().map(|message| quote!(.with_message(#message)));
    quote!(#name #message)
}

fn call_of(name: &str, span: Span, arguments: TokenStream) -> TokenStream {
    let name = method(name, span);
    quote!(#name(#arguments))
}
