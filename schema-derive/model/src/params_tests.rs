//! Tests of the model of `#[derive(Changeset)]`.

use super::*;
use syn::parse_quote;

fn parsed(input: DeriveInput) -> Params {
    Params::parse(&input).unwrap()
}

#[track_caller]
fn refused(input: DeriveInput, expected: &str) {
    let error = Params::parse(&input).map(|found| found.ident).expect_err("these are no params").to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn what_is_no_option_is_required_and_options_are_counted() {
    let params = parsed(parse_quote!(
        #[changeset(schema = models::User)]
        struct SignUp {
            email: String,
            name: Option<String>,
            age: Option<Option<i32>>,
            #[changeset(required)]
            org_id: Option<i64>,
            #[validate(required(message = "is needed"))]
            role: Option<Role>,
        }
    ));
    let found: Vec<(bool, usize)> =
        params.fields.iter().map(|field| (field.required, field.without_options().1)).collect();
    assert_eq!(found, [(true, 0), (false, 1), (false, 2), (true, 1), (true, 1)]);
    assert_eq!(params.fields[4].required_message.as_ref().unwrap().value(), "is needed");
    assert_eq!(params.schema, parse_quote!(models::User));
}

#[test]
fn fields_have_a_name_in_the_schema_and_one_in_the_input() {
    let params = parsed(parse_quote!(
        #[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
        #[changeset(schema = User)]
        struct SignUp {
            first_name: String,
            #[serde(rename = "mail", default)]
            #[changeset(field = email)]
            e_mail: String,
            #[changeset(rename = "Age")]
            age: Option<i32>,
            #[serde(skip_deserializing)]
            org_id: Option<i64>,
            r#type: Option<String>,
            #[changeset(skip)]
            note: Note,
        }
    ));
    let names: Vec<(&str, Option<&str>)> =
        params.fields.iter().map(|field| (field.name.as_str(), field.param.as_deref())).collect();
    let expected = [
        ("first_name", Some("firstName")),
        ("email", Some("mail")),
        ("age", Some("Age")),
        ("org_id", None),
        ("type", Some("type")),
    ];
    assert_eq!(names, expected);
    let own_style = parsed(parse_quote!(
        #[serde(rename_all = "camelCase")]
        #[changeset(schema = User, rename_all = "PascalCase")]
        struct SignUp {
            first_name: String,
        }
    ));
    assert_eq!(own_style.fields[0].param.as_deref(), Some("FirstName"));
}

#[test]
fn what_is_accepted_or_confirmed_is_input_alone() {
    let params = parsed(parse_quote!(
        #[changeset(schema = User, validate = check::names, validate = check::ages)]
        #[constraint(unique(fields(org_id, email)))]
        struct SignUp {
            #[validate(acceptance)]
            terms: bool,
            #[validate(confirmation)]
            #[changeset(field = secret)]
            password: String,
            password_confirmation: String,
            #[changeset(input)]
            captcha: String,
        }
    ));
    let kinds: Vec<(&str, ParamKind, bool)> =
        params.fields.iter().map(|field| (field.name.as_str(), field.kind, field.required)).collect();
    let expected = [
        ("terms", ParamKind::Input, false),
        ("secret", ParamKind::Field, true),
        ("secret_confirmation", ParamKind::Input, false),
        ("captcha", ParamKind::Input, true),
    ];
    assert_eq!(kinds, expected);
    assert!(matches!(params.fields[1].validations[0].rule, Rule::Confirmation { required: true }));
    assert_eq!((params.validate.len(), params.constraints.len()), (2, 1));
}

#[test]
fn nested_params_are_one_or_a_list() {
    let params = parsed(parse_quote!(
        #[changeset(schema = User)]
        struct SignUp {
            #[changeset(assoc)]
            posts: Vec<NewPost>,
            #[changeset(assoc, required)]
            roles: Option<Vec<NewRole>>,
            #[changeset(embed)]
            settings: Option<Option<NewSettings>>,
        }
    ));
    let found: Vec<(ParamKind, bool, bool, usize)> = params
        .fields
        .iter()
        .map(|field| (field.kind, field.is_list(), field.required_by_attribute, field.without_options().1))
        .collect();
    let expected = [
        (ParamKind::Association, true, false, 0),
        (ParamKind::Association, true, true, 1),
        (ParamKind::Embed, false, false, 2),
    ];
    assert_eq!(found, expected);
    assert_eq!(params.fields[1].nested_item().0, &parse_quote!(NewRole));
}

#[test]
fn mistakes_are_refused() {
    refused(
        parse_quote!(
            struct SignUp {
                email: String,
            }
        ),
        "write `#[changeset(schema = User)]` on the struct",
    );
    refused(
        parse_quote!(
            #[changeset(schema = "User")]
            struct SignUp {
                email: String,
            }
        ),
        "write `schema = User`",
    );
    refused(
        parse_quote!(
            #[changeset(schema = User, validat = check)]
            struct SignUp {
                email: String,
            }
        ),
        "did you mean `validate`?",
    );
    refused(
        parse_quote!(
            #[changeset(schema = User)]
            struct SignUp(String);
        ),
        "a struct with named fields",
    );
    refused(
        parse_quote!(
            #[changeset(schema = User)]
            struct SignUp<'a> {
                email: &'a str,
            }
        ),
        "types without parameters",
    );
    refused(
        parse_quote!(
            #[changeset(schema = User)]
            #[validate(length(max = 3))]
            struct SignUp {
                email: String,
            }
        ),
        "`#[validate(..)]` is for fields",
    );
    refused(
        parse_quote!(
            #[serde(rename_all = "SCREAMING-KEBAB-CASE")]
            #[changeset(schema = User)]
            struct SignUp {
                email: String,
            }
        ),
        "do not know this style",
    );
}

#[test]
fn mistakes_in_fields_are_refused() {
    let with = |field: syn::Field| -> DeriveInput {
        parse_quote!(
            #[changeset(schema = User)]
            struct SignUp {
                email: String,
                #field
            }
        )
    };
    let field = |tokens| syn::parse::Parser::parse2(syn::Field::parse_named, tokens).unwrap();
    let cases = [
        (quote::quote!(#[changeset(renamed = "x")] name: String), "did you mean `rename`?"),
        (quote::quote!(#[changeset(schema = User)] name: String), "stands on the struct"),
        (quote::quote!(#[changeset(field = "name")] name: String), "write `field = email`"),
        (quote::quote!(#[changeset(field = email)] name: String), "two fields are for `email`"),
        (quote::quote!(#[changeset(rename = "email")] name: String), "the same name in the input"),
        (quote::quote!(#[changeset(skip)] #[validate(length(max = 3))] name: String), "no other attributes"),
        (quote::quote!(#[changeset(input)] #[validate(length(max = 3))] name: String), "only checked"),
        (quote::quote!(#[changeset(input)] #[constraint(unique)] name: String), "only checked"),
        (quote::quote!(#[changeset(assoc, embed)] name: Name), "one of `input`, `assoc` and `embed`"),
        (quote::quote!(#[changeset(assoc)] #[validate(length(max = 3))] posts: Vec<NewPost>), "its own params"),
        (quote::quote!(#[changeset(embed)] items: Option<Option<Vec<Item>>>), "one Option at most"),
        (quote::quote!(#[validate(confirmation)] name: String), "add `name_confirmation: String`"),
        (quote::quote!(#[serde(flatten)] name: Name), "no flattened fields"),
    ];
    for (tokens, expected) in cases {
        refused(with(field(tokens)), expected);
    }
}
