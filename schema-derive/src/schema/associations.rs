//! Associations: their metadata, their methods on the struct of columns, and what they demand of other schemas.

use super::statics;
use crate::owner::Owner;
use peristyle_derive_model::{Association, AssociationKind, JoinSource, Keys, OnDelete, OnReplace};
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

/// The metadata and the demands of all associations.
pub(crate) fn definitions(owner: &Owner<'_>) -> TokenStream {
    let Owner { root, associations, .. } = owner;
    let count = associations.len();
    let joins = associations.iter().enumerate().map(|(position, association)| join_table(owner, position, association));
    let metas = associations.iter().enumerate().map(|(position, association)| meta(owner, position, association));
    let demands = associations.iter().map(|association| demands(owner, association));
    quote! {
        #(#joins)*
        static __PERISTYLE_ASSOCIATIONS: [#root::schema::AssociationMeta; #count] = [#(#metas),*];
        #(#demands)*
    }
}

/// The methods of all associations.
pub(crate) fn methods(owner: &Owner<'_>) -> TokenStream {
    owner.associations.iter().enumerate().map(|(position, association)| method(owner, position, association)).collect()
}

/// The association fields of a row as it comes from a store.
pub(crate) fn unloaded(associations: &[Association]) -> impl Iterator<Item = TokenStream> + '_ {
    associations.iter().enumerate().map(|(position, Association { ident, ty, .. })| {
        quote_spanned!(ty.span()=> #ident: <#ty>::unloaded(&__PERISTYLE_ASSOCIATIONS[#position]))
    })
}

/// The method that takes the rows of all associations out of a struct. What leads through others is only read.
pub(super) fn take(schema: &peristyle_derive_model::Schema) -> TokenStream {
    let peristyle_derive_model::Schema { root, ident: owner, .. } = schema;
    let own = schema.associations.iter().enumerate().filter(|(_, one)| !matches!(one.keys, Keys::Through { .. }));
    let takes = own.map(|(position, association)| {
        let (link, target) = (link(root, owner, position, association), &association.target);
        quote! {
            tree.take(self, #link, #root::changeset::Copier::<#target>::COPY);
        }
    });
    quote! {
        fn take_associations(&mut self, #[allow(unused_variables)] tree: &mut #root::changeset::Tree<Self>) {
            #[allow(unused_imports)]
            use #root::changeset::AnyClone as _;
            #(#takes)*
        }
    }
}

/// The links of all associations, for the params of other modules, which cannot name their methods.
pub(super) fn links(schema: &peristyle_derive_model::Schema) -> TokenStream {
    let peristyle_derive_model::Schema { root, ident: owner, .. } = schema;
    let links = schema.associations.iter().enumerate().map(|(position, association)| {
        let (link, target) = (link(root, owner, position, association), &association.target);
        quote! {
            #[automatically_derived]
            impl #root::changeset::derived::AssociationAt<#target, #position> for #owner {
                fn link() -> #root::association::Link<#owner, #target> {
                    #link
                }
            }
        }
    });
    links.collect()
}

/// The link of an association: its metadata, and where its rows are in the struct.
fn link(root: &syn::Path, owner: &Ident, position: usize, association: &Association) -> TokenStream {
    let ident = &association.ident;
    let slot = if is_to_one(association) { quote!(One) } else { quote!(Many) };
    // No association has a position that does not fit: the model refuses more than 250.
    let number = u8::try_from(position).unwrap_or(u8::MAX);
    quote! {
        #root::association::Link::new(
            &__PERISTYLE_ASSOCIATIONS[#position],
            #number,
            #root::preload::Slot::#slot(|owner: &mut #owner| owner.#ident.loadable()),
        )
    }
}

fn is_to_one(association: &Association) -> bool {
    matches!(association.kind, AssociationKind::BelongsTo | AssociationKind::HasOne)
}

fn names<'a>(idents: impl IntoIterator<Item = &'a Ident>) -> Vec<String> {
    idents.into_iter().map(|ident| ident.unraw().to_string()).collect()
}

fn field_names(owner: &Owner<'_>, positions: &[usize]) -> Vec<String> {
    positions.iter().map(|&position| owner.fields[position].name.clone()).collect()
}

fn join_statics(position: usize) -> (Ident, Ident) {
    (format_ident!("__PERISTYLE_JOIN_{position}"), format_ident!("__PERISTYLE_JOIN_FIELDS_{position}"))
}

/// The metadata of a join table that no schema describes.
fn join_table(owner: &Owner<'_>, position: usize, association: &Association) -> TokenStream {
    let root = owner.root;
    let Keys::Join { source: JoinSource::Table(table), own, other, references } = &association.keys else {
        return TokenStream::new();
    };
    let (meta, fields) = join_statics(position);
    let target = &association.target;
    let own = names(own).into_iter().zip(references).map(|(name, &reference)| {
        let ty = &owner.fields[reference].ty;
        quote!(#root::schema::check::join_column(
            #name,
            <<#ty as #root::schema::FieldKind>::Type as #root::value::DbType>::DATA_TYPE
        ))
    });
    let other = names(other).into_iter().enumerate().map(|(index, name)| {
        quote!(#root::schema::check::join_column(
            #name,
            #root::schema::check::type_of(<#target as #root::schema::Schema>::META, "", #index)
        ))
    });
    let columns: Vec<TokenStream> = own.chain(other).collect();
    let count = columns.len();
    let name = table.value();
    quote! {
        static #fields: [#root::schema::FieldMeta; #count] = [#(#columns),*];
        static #meta: #root::schema::SchemaMeta = {
            let mut meta = #root::schema::SchemaMeta::new(#name, #name);
            meta.fields = &#fields;
            meta
        };
    }
}

fn meta(owner: &Owner<'_>, position: usize, association: &Association) -> TokenStream {
    let root = owner.root;
    let owner_name = owner.name;
    let Association { name, target, .. } = association;
    let kind = match association.kind {
        AssociationKind::BelongsTo => quote!(BelongsTo),
        AssociationKind::HasOne => quote!(HasOne),
        AssociationKind::HasMany => quote!(HasMany),
        AssociationKind::ManyToMany => quote!(ManyToMany),
    };
    let meta_of = |target: &TokenStream| quote!(#root::schema::Target(|| <#target as #root::schema::Schema>::META));
    let keys = match &association.keys {
        Keys::Own { fields, references } => {
            let (own, target) = (field_names(owner, fields), names(references));
            quote!(Direct { own: &[#(#own),*], target: &[#(#target),*] })
        }
        Keys::Foreign { foreign_key, references } => {
            let (own, target) = (field_names(owner, references), names(foreign_key));
            quote!(Direct { own: &[#(#own),*], target: &[#(#target),*] })
        }
        Keys::Join { source, own, other, references } => {
            let join = match source {
                JoinSource::Table(_) => {
                    let (join, _) = join_statics(position);
                    quote!(#root::schema::Target(|| &#join))
                }
                JoinSource::Schema(path) => meta_of(&quote!(#path)),
            };
            let (own, other, references) = (names(own), names(other), field_names(owner, references));
            quote!(Join { schema: #join, own: &[#(#own),*], references: &[#(#references),*], target: &[#(#other),*] })
        }
        Keys::Through { path } => {
            let path = names(path);
            quote!(Through { path: &[#(#path),*] })
        }
    };
    let optional = is_optional(association);
    let filter = association.filter.as_ref().map(|filter| {
        quote_spanned! {filter.span()=>
            meta.filter = ::core::option::Option::Some(
                #root::schema::Lazy(|| #root::schema::check::filter::<#target, _>(#filter)));
        }
    });
    let order = association.order.as_ref().map(|order| {
        let terms = order_terms(owner, association, order);
        quote_spanned!(order.span()=> meta.order = ::core::option::Option::Some(#root::schema::Lazy(|| #terms));)
    });
    let on_delete = association.on_delete.map(|on_delete| {
        let action = match on_delete {
            OnDelete::Nothing => quote!(Nothing),
            OnDelete::Delete => quote!(DeleteAll),
            OnDelete::Nilify => quote!(NilifyAll),
            OnDelete::Cascade => quote!(Cascade),
            OnDelete::SetNull => quote!(SetNull),
            OnDelete::Restrict => quote!(Restrict),
        };
        quote!(meta.on_delete = #root::schema::AssociationDelete::#action;)
    });
    let on_replace = association.on_replace.map(|on_replace| {
        let action = match on_replace {
            OnReplace::Raise => quote!(Raise),
            OnReplace::MarkAsInvalid => quote!(MarkAsInvalid),
            OnReplace::Nilify => quote!(Nilify),
            OnReplace::Delete => quote!(Delete),
            OnReplace::DeleteIfExists => quote!(DeleteIfExists),
            OnReplace::Update => quote!(Update),
        };
        quote!(meta.on_replace = #root::schema::AssociationReplace::#action;)
    });
    let target = meta_of(&quote!(#target));
    let unique = association.unique.then(|| quote!(meta.unique = true;));
    quote! {{
        let mut meta = #root::schema::AssociationMeta::new(
            #owner_name,
            #name,
            #root::schema::AssociationKind::#kind,
            #target,
            #root::schema::AssociationKeys::#keys,
        );
        meta.optional = #optional;
        #filter
        #order
        #on_delete
        #on_replace
        #unique
        meta
    }}
}

/// The terms of the order that an attribute gives.
fn order_terms(owner: &Owner<'_>, association: &Association, order: &syn::Expr) -> TokenStream {
    let (root, target, span) = (owner.root, &association.target, order.span());
    let between = match &association.keys {
        Keys::Join { source: JoinSource::Schema(path), .. } => Some(quote!(#path)),
        Keys::Join { source: JoinSource::Table(_), .. } => Some(quote!(#root::schema::JoinTable)),
        _ => None,
    };
    match (between, order) {
        (Some(between), syn::Expr::Closure(closure)) if closure.inputs.len() == 2 => {
            quote_spanned!(span=> #root::schema::between::order::<#target, #between, _>(#order))
        }
        // Of a function, only the compiler knows what it takes.
        (Some(between), syn::Expr::Path(_)) => {
            quote_spanned!(span=> #root::schema::between::order_function::<#target, #between, _>(#order))
        }
        _ => quote_spanned!(span=> #root::schema::check::order::<#target, _>(#order)),
    }
}

/// Whether a to-one association may lead to no row, whatever the key says.
fn is_optional(association: &Association) -> bool {
    association.kind != AssociationKind::BelongsTo || association.optional || association.filter.is_some()
}

/// The method on the struct of columns.
fn method(owner: &Owner<'_>, position: usize, association: &Association) -> TokenStream {
    let Owner { root, ident: struct_ident, is_embedded, .. } = owner;
    let Association { ident, vis, docs, target, name, .. } = association;
    let text = format!("The association `{name}`.");
    let docs = if docs.is_empty() { quote!(#[doc = #text]) } else { quote!(#(#docs)*) };
    let link = link(root, struct_ident, position, association);
    // Nothing joins from a document to a row: what it belongs to is preloaded, and not a path.
    if is_to_one(association) && !is_embedded {
        let nullability = if is_optional(association) { quote!(#root::expr::Null) } else { quote!(N) };
        quote! {
            #docs
            #vis fn #ident(&self) -> #root::association::One<Sc, #target, #nullability, #struct_ident> {
                #root::association::One::new(self.__anchor, #link)
            }
        }
    } else {
        quote! {
            #docs
            #vis fn #ident(&self) -> #root::association::Many<Sc, #target, #struct_ident> {
                #root::association::Many::new(self.__anchor, #link)
            }
        }
    }
}

/// What the association demands of the schemas that it leads to; one that is not met points at the field.
fn demands(owner: &Owner<'_>, association: &Association) -> TokenStream {
    let root = owner.root;
    let Association { ident, target, name, .. } = association;
    let span = ident.span();
    let target_name = name_of(target);
    let demand = |condition: TokenStream, message: String| {
        quote_spanned! {span=> const _: () = ::core::assert!(#condition, #message);}
    };
    let target_meta = quote!(<#target as #root::schema::Schema>::META);
    let (_, own_fields) = statics();
    let own_type = |position: usize| quote!(#own_fields[#position].data_type);
    let mut all = TokenStream::new();
    match &association.keys {
        Keys::Own { fields, references } => {
            let names = names(references);
            if names.is_empty() {
                let width = fields.len();
                all.extend(demand(
                    quote!(#root::schema::check::key_is(#target_meta, #width)),
                    format!(
                        "the key of `{name}` has {width} field(s), but the primary key of {target_name} has another number: \
                         write `foreign_key(..)` with as many, or `references = ..`"
                    ),
                ));
            }
            for field in &names {
                all.extend(has_field(root, &target_meta, &target_name, field, "references", span));
            }
            for (index, &position) in fields.iter().enumerate() {
                let key = names.get(index).cloned().unwrap_or_default();
                let shown = if key.is_empty() { "the primary key".to_owned() } else { format!("`{key}`") };
                let own = own_type(position);
                let own_name = &owner.fields[position].name;
                all.extend(demand(
                    quote!(#root::schema::check::same_type(
                        #own, #root::schema::check::type_of(#target_meta, #key, #index))),
                    format!(
                        "the key `{own_name}` is of another type than {shown} of {target_name}: give them the same type"
                    ),
                ));
            }
        }
        Keys::Foreign { foreign_key, references } => {
            for (field, &position) in names(foreign_key).iter().zip(references) {
                all.extend(has_field(root, &target_meta, &target_name, field, "foreign_key", span));
                let own = own_type(position);
                let own_name = &owner.fields[position].name;
                all.extend(demand(
                    quote!(!#root::schema::check::has_field(#target_meta, #field) || #root::schema::check::same_type(
                        #own, #root::schema::check::type_of(#target_meta, #field, 0))),
                    format!(
                        "the key `{field}` of {target_name} is of another type than `{own_name}`: give them the same type"
                    ),
                ));
            }
        }
        Keys::Join { source, own, other, references } => {
            let width = other.len();
            all.extend(demand(
                quote!(#root::schema::check::key_is(#target_meta, #width)),
                format!(
                    "the primary key of {target_name} has another number of fields than {width}, the columns of the join \
                     that point at it: write `join_keys(..)` with the columns of this struct's key, then as many as \
                     {target_name}'s key has"
                ),
            ));
            if let JoinSource::Schema(path) = source {
                let join = quote!(<#path as #root::schema::Schema>::META);
                let join_name = path.segments.last().map(|last| last.ident.unraw().to_string()).unwrap_or_default();
                for (field, &position) in names(own).iter().zip(references) {
                    all.extend(has_field(root, &join, &join_name, field, "join_keys", span));
                    let own = own_type(position);
                    all.extend(demand(
                        quote!(!#root::schema::check::has_field(#join, #field) || #root::schema::check::same_type(
                            #own, #root::schema::check::type_of(#join, #field, 0))),
                        format!(
                            "the key `{field}` of {join_name} is of another type than `{}`: give them the same type",
                            owner.fields[position].name
                        ),
                    ));
                }
                for (index, field) in names(other).iter().enumerate() {
                    all.extend(has_field(root, &join, &join_name, field, "join_keys", span));
                    all.extend(demand(
                        quote!(!#root::schema::check::has_field(#join, #field) || #root::schema::check::same_type(
                            #root::schema::check::type_of(#target_meta, "", #index),
                            #root::schema::check::type_of(#join, #field, 0))),
                        format!(
                            "the key `{field}` of {join_name} is of another type than the primary key of {target_name}: \
                             give them the same type"
                        ),
                    ));
                }
            }
        }
        Keys::Through { path } => {
            let Owner { ident, columns, .. } = owner;
            let mut steps = TokenStream::new();
            for (index, step) in path.iter().enumerate() {
                if index > 0 {
                    steps.extend(quote!(let step = #root::schema::check::next(step);));
                }
                steps.extend(quote_spanned!(step.span()=> let step = step.#step();));
            }
            let last = path.last().map_or(span, Ident::span);
            let ends = quote_spanned!(last=> #root::schema::check::ends::<#target, _, _>(step););
            all.extend(quote! {
                const _: fn(#columns<#ident, #root::expr::NotNull>) = |step| {
                    #steps
                    #ends
                };
            });
        }
    }
    all
}

fn has_field(
    root: &syn::Path,
    meta: &TokenStream,
    schema: &str,
    field: &str,
    attribute: &str,
    span: Span,
) -> TokenStream {
    let message = format!("{schema} has no field `{field}`: add it there, or name the key with `{attribute} = ..`");
    quote_spanned!(span=> const _: () = ::core::assert!(#root::schema::check::has_field(#meta, #field), #message);)
}

/// The last part of a type's path.
fn name_of(ty: &syn::Type) -> String {
    match ty {
        syn::Type::Path(path) => {
            path.path.segments.last().map(|last| last.ident.unraw().to_string()).unwrap_or_default()
        }
        _ => "the target".to_owned(),
    }
}
