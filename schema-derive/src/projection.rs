//! `#[derive(Projection)]`: the struct that a select fills, and the columns of its rows as a source.

use peristyle_derive_model::{Projection, ProjectionField, option_item};
use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{DeriveInput, Ident};

pub(crate) fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    Ok(expand(&Projection::parse(input)?))
}

fn expand(projection: &Projection) -> TokenStream {
    let Projection { ident, vis, root, fields } = projection;
    let select = format_ident!("{}Select", ident.unraw(), span = ident.span());
    let summary = format!("What a select gives for each field of [`{}`].", ident.unraw());
    let names: Vec<&Ident> = fields.iter().map(|field| &field.ident).collect();
    let parameters: Vec<Ident> = fields.iter().map(parameter).collect();
    let members = fields.iter().zip(&parameters).map(|(ProjectionField { ident, vis, docs, name, .. }, parameter)| {
        let text = format!("The selection of `{name}`.");
        let docs = if docs.is_empty() { quote!(#[doc = #text]) } else { quote!(#(#docs)*) };
        quote!(#docs #vis #ident: #parameter)
    });
    let bounds = fields.iter().zip(&parameters).map(|(field, parameter)| {
        let ty = &field.ty;
        quote_spanned!(ty.span()=> #parameter: #root::query::Yields<__Sc, #ty>)
    });
    let appends = fields.iter().zip(&parameters).map(|(ProjectionField { ident, name, .. }, parameter)| {
        quote! {
            let start = columns.len();
            <#parameter as #root::query::Selection<__Sc>>::append(self.#ident, columns);
            columns.name(start, #name);
        }
    });
    let decodes = fields.iter().zip(&parameters).map(
        |(ProjectionField { ty, .. }, parameter)| quote!(<#parameter as #root::query::Yields<__Sc, #ty>>::read(row)?),
    );
    let places = fields.iter().zip(&parameters).map(|(ProjectionField { ident, ty, .. }, parameter)| {
        quote!(<#parameter as #root::query::Yields<__Sc, #ty>>::places(&mut out.#ident, slots);)
    });
    // With a lifetime to quantify over, a bound that does not hold only takes the impl away: a field that is selected in
    // another way than by position keeps the projection usable.
    let types: Vec<_> = fields.iter().map(|field| &field.ty).collect();
    let readable = types.iter().map(|ty| quote!(for<'__row> #ty: #root::query::FromRow));
    let decode_error = quote!(#root::error::DecodeError);
    let source = source(projection);
    quote! {
        #source

        #[doc = #summary]
        #[allow(non_camel_case_types)]
        #vis struct #select<#(#parameters),*> {
            #(#members,)*
        }

        #[allow(non_camel_case_types)]
        impl<__Sc, #(#bounds),*> #root::query::Selection<__Sc> for #select<#(#parameters),*> {
            type Out = #ident;

            fn append(self, columns: &mut #root::query::Selected) {
                #(#appends)*
            }

            fn decode(row: &mut #root::row::RowReader<'_>) -> ::core::result::Result<Self::Out, #decode_error> {
                ::core::result::Result::Ok(#ident { #(#names: #decodes,)* })
            }

            fn slots<'o>(out: &'o mut Self::Out, slots: &mut #root::query::Slots<'o>) {
                #(#places)*
            }
        }

        #[automatically_derived]
        impl #root::query::FromRow for #ident
        where
            #(#readable,)*
        {
            fn from_row(row: &mut #root::row::RowReader<'_>) -> ::core::result::Result<Self, #decode_error> {
                ::core::result::Result::Ok(#ident { #(#names: <#types as #root::query::FromRow>::from_row(row)?,)* })
            }
        }
    }
}

/// The struct of columns that closures over a query of the projection's rows receive, and its traits. They are there if
/// all fields are columns.
fn source(projection: &Projection) -> TokenStream {
    let Projection { ident, vis, root, fields } = projection;
    let name = ident.unraw().to_string();
    let columns = format_ident!("{}Columns", name, span = ident.span());
    let summary = format!("The columns of [`{name}`], where a query reads from a query of it.");
    let members = fields.iter().map(|ProjectionField { ident, vis, ty, name, .. }| {
        let text = format!("The column `{name}`.");
        let ty = match option_item(ty) {
            Some(item) => quote!(#root::expr::Column<Sc, #item, #root::expr::Null>),
            None => quote!(#root::expr::Column<Sc, #ty, N>),
        };
        quote!(#[doc = #text] #vis #ident: #ty)
    });
    let count = fields.len();
    let metas = |redact: bool| {
        let metas = fields.iter().map(move |ProjectionField { name, ty, .. }| {
            let nullable = option_item(ty).is_some();
            quote! {{
                #[allow(unused_imports)]
                use #root::schema::AnyType as _;
                let data_type = #root::schema::VirtualType::<#ty>::DATA_TYPE;
                let mut field = #root::schema::FieldMeta::new(#name, #name, data_type);
                field.nullable = #nullable;
                field.redact = #redact;
                field
            }}
        });
        quote!([#(#metas),*])
    };
    let (plain, hidden) = (metas(false), metas(true));
    let idents: Vec<&Ident> = fields.iter().map(|field| &field.ident).collect();
    let positions: Vec<usize> = (0..count).collect();
    let types: Vec<_> = fields.iter().map(|field| &field.ty).collect();
    let decodes = fields.iter().zip(&positions).map(|(ProjectionField { ty, .. }, position)| {
        let kind = quote_spanned!(ty.span()=> <#ty as #root::schema::FieldKind>);
        quote!(#kind::read_field(row, #name, &FIELDS[#position])?)
    });
    let is_source: Vec<_> = types.iter().map(|ty| quote!(for<'__row> #ty: #root::schema::FieldKind)).collect();
    let decode_error = quote!(#root::error::DecodeError);
    let whole_row = |nullability: TokenStream, out: TokenStream, decode: TokenStream| {
        quote! {
            #[automatically_derived]
            impl<Sc> #root::query::Selection<Sc> for #columns<Sc, #nullability>
            where
                #(#is_source,)*
            {
                type Out = #out;

                fn append(self, columns: &mut #root::query::Selected) {
                    <#ident as #root::schema::Record>::append(self.__anchor, columns);
                }

                fn decode(row: &mut #root::row::RowReader<'_>) -> ::core::result::Result<Self::Out, #decode_error> {
                    #decode
                }
            }
        }
    };
    let present =
        whole_row(quote!(#root::expr::NotNull), quote!(#ident), quote!(<#ident as #root::schema::Record>::decode(row)));
    let optional = whole_row(
        quote!(#root::expr::Null),
        quote!(::core::option::Option<#ident>),
        quote! {
            if row.all_null(#count)? {
                row.skip(#count);
                return ::core::result::Result::Ok(::core::option::Option::None);
            }
            <#ident as #root::schema::Record>::decode(row).map(::core::option::Option::Some)
        },
    );
    quote! {
        #[doc = #summary]
        #[allow(dead_code)]
        #vis struct #columns<Sc, N: #root::expr::Nullability> {
            #(#members,)*
            __anchor: #root::expr::Anchor,
            __types: ::core::marker::PhantomData<fn() -> (Sc, N)>,
        }

        #[allow(deprecated, clippy::all, clippy::pedantic)]
        const _: () = {
            static FIELDS: [#root::schema::FieldMeta; #count] = #plain;
            // Those of columns that a query computes from what must never be shown.
            static HIDDEN: [#root::schema::FieldMeta; #count] = #hidden;

            fn field(anchor: #root::expr::Anchor, position: usize) -> &'static #root::schema::FieldMeta {
                if anchor.hides(position) { &HIDDEN[position] } else { &FIELDS[position] }
            }

            #[automatically_derived]
            impl<Sc, N: #root::expr::Nullability> ::core::clone::Clone for #columns<Sc, N> {
                fn clone(&self) -> Self {
                    *self
                }
            }

            #[automatically_derived]
            impl<Sc, N: #root::expr::Nullability> ::core::marker::Copy for #columns<Sc, N> {}

            #[automatically_derived]
            impl<Sc: 'static, N: #root::expr::Nullability> #root::query::InScope for #columns<Sc, N>
            where
                #(#is_source,)*
            {
                type Scope = Sc;
                type Record = #ident;

                fn anchor(&self) -> #root::expr::Anchor {
                    self.__anchor
                }
            }

            #present
            #optional

            #[automatically_derived]
            impl #root::schema::Record for #ident
            where
                #(#is_source,)*
            {
                type Columns<Sc: 'static, N: #root::expr::Nullability> = #columns<Sc, N>;

                const NAME: &'static str = #name;

                fn columns<Sc: 'static, N: #root::expr::Nullability>(anchor: #root::expr::Anchor) -> #columns<Sc, N> {
                    #columns {
                        #(#idents: #root::expr::Column::new(anchor, field(anchor, #positions)),)*
                        __anchor: anchor,
                        __types: ::core::marker::PhantomData,
                    }
                }

                fn loaded_fields() -> impl ::core::iter::Iterator<Item = &'static #root::schema::FieldMeta> {
                    FIELDS.iter()
                }

                fn append(anchor: #root::expr::Anchor, columns: &mut #root::query::Selected) {
                    #(columns.column(anchor, field(anchor, #positions));)*
                }

                fn decode(row: &mut #root::row::RowReader<'_>) -> ::core::result::Result<Self, #decode_error> {
                    ::core::result::Result::Ok(#ident { #(#idents: #decodes,)* })
                }
            }
        };
    }
}

/// A type parameter for a field; the prefix keeps it apart from the user's types.
fn parameter(field: &ProjectionField) -> Ident {
    format_ident!("__{}", field.name, span = field.ident.span())
}
