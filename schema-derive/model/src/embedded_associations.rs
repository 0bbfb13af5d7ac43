//! Associations inside of embedded structs: fields of the type `BelongsTo<..>`, whose keys stand beside them.

use crate::association::{Association, AssociationKind, Draft, Keys};
use crate::errors::Errors;
use crate::field::Field;
use crate::own_key;
use syn::Type;

/// The associations of an embedded struct, and the fields that are their keys: all that a preload needs to know of it.
#[derive(Clone, Debug, Default)]
pub struct EmbeddedAssociations {
    /// The fields that associations compare.
    pub key_fields: Vec<Field>,
    /// The associations; their keys are positions in `key_fields`.
    pub associations: Vec<Association>,
}

/// The association that a field of an embedded struct is, if its type says so.
pub(crate) fn draft<'a>(field: &'a syn::Field, errors: &mut Errors) -> Option<Draft<'a>> {
    let mut draft = Draft::parse(field, "embedded", errors)?;
    if draft.kind != AssociationKind::BelongsTo {
        let (kind, target) = (draft.kind.name(), draft.target_name());
        let message = format!("an embedded struct takes no `{kind}`: nothing in `{target}` can point into a document");
        let fix = "keep their keys in a Vec, or give the association to the schema around it";
        errors.push(draft.type_error(format!("{message}; {fix}")));
        draft.correct = false;
    }
    Some(draft)
}

/// Refuses an association where there can be none, in a variant of an enum.
pub(crate) fn refuse_in_variant(ty: &Type, errors: &mut Errors) {
    if let Some(kind) = AssociationKind::of_type(ty) {
        let message = format!("a variant takes no `{}`", kind.name());
        errors.at(ty, format!("{message}: put the association and its key into a struct with #[derive(Embedded)]"));
    }
}

/// The associations with their keys among the fields of their struct.
pub(crate) fn resolve(drafts: Vec<Draft<'_>>, fields: &[Field], errors: &mut Errors) -> EmbeddedAssociations {
    let mut used: Vec<usize> = Vec::new();
    let mut associations = Vec::new();
    for draft in drafts.into_iter().filter(|draft| draft.correct) {
        let Some(Keys::Own { fields, references }) = own_key::belongs_to(&draft, fields, errors) else { continue };
        let mut place = |field: usize| {
            used.iter().position(|known| *known == field).unwrap_or_else(|| {
                used.push(field);
                used.len() - 1
            })
        };
        let fields = fields.into_iter().map(&mut place).collect();
        associations.push(draft.finish(Keys::Own { fields, references }));
    }
    EmbeddedAssociations { key_fields: used.into_iter().map(|field| fields[field].clone()).collect(), associations }
}

#[cfg(test)]
mod tests {
    use crate::association::tests::keys;
    use crate::{Embedded, EmbeddedKind};
    use syn::{DeriveInput, parse_quote};

    #[track_caller]
    fn refused(input: DeriveInput, expected: &[&str]) {
        let errors = Embedded::parse(&input).map(|found| found.ident).expect_err("the associations are wrong");
        let found: Vec<String> = errors.into_iter().map(|error| error.to_string()).collect();
        let same =
            found.len() == expected.len() && found.iter().zip(expected).all(|(found, part)| found.contains(part));
        assert!(same, "found {found:#?}, expected {expected:#?}");
    }

    #[test]
    fn associations_are_no_fields_of_the_document() {
        let input = parse_quote!(
            #[embedded(rename_all = "camelCase")]
            struct Item {
                label: String,
                user_id: Option<i64>,
                user: BelongsTo<Option<User>>,
                #[embedded(rename = "line")]
                order_line: i32,
                order_id: i64,
                #[embedded(foreign_key(order_id, order_line), references(id, number), filter = |l| l.open)]
                line: BelongsTo<Line>,
                #[embedded(foreign_key = user_id)]
                payer: BelongsTo<Option<User>>,
                #[embedded(embed)]
                gift: Gift,
            }
        );
        let item = Embedded::parse(&input).unwrap();
        let EmbeddedKind::Struct(fields) = item.kind else { panic!("not a struct") };
        let names: Vec<(&str, bool)> = fields.iter().map(|field| (field.key.as_str(), field.embed)).collect();
        assert_eq!(names, [("label", false), ("userId", false), ("line", false), ("orderId", false), ("gift", true)]);
        let found: Vec<String> = item.associations.associations.iter().map(keys).collect();
        assert_eq!(found, ["own [0] = ", "own [1, 2] = id, number", "own [0] = "]);
        let columns: Vec<(&str, &str)> =
            item.associations.key_fields.iter().map(|field| (field.name.as_str(), field.column.as_str())).collect();
        assert_eq!(columns, [("user_id", "userId"), ("order_id", "orderId"), ("order_line", "line")]);
    }

    #[test]
    fn what_a_document_cannot_have_is_refused() {
        refused(
            parse_quote!(
                struct Item {
                    id: i64,
                    user_id: i64,
                    posts: HasMany<Post>,
                    tags: ManyToMany<Tag>,
                    user: BelongsTo<Option<User>>,
                    author: BelongsTo<User>,
                    #[embedded(foreign_key = user_id, on_delete = cascade)]
                    owner: BelongsTo<User>,
                    #[embedded(foreign_key = user_id, rename = "x")]
                    other: BelongsTo<User>,
                    #[embedded(foreign_key = user_id)]
                    count: i64,
                }
            ),
            &[
                "an embedded struct takes no `HasMany`: nothing in `Post` can point into a document",
                "an embedded struct takes no `ManyToMany`",
                "the key stands in a document, which the database does not look into: remove `on_delete`",
                "unknown association attribute `rename`",
                "`foreign_key` is for association fields, such as `user: BelongsTo<User>`",
                "`user_id` is never NULL: write `BelongsTo<User>`",
                "`author` needs a field `author_id` with the key: add `author_id: i64`",
            ],
        );
    }

    #[test]
    fn variants_take_no_associations() {
        refused(
            parse_quote!(
                enum Channel {
                    Mail(BelongsTo<User>),
                    Push {
                        user_id: i64,
                        user: BelongsTo<User>,
                        #[embedded(embed)]
                        gift: Gift,
                    },
                }
            ),
            &[
                "a variant takes no `BelongsTo`: put the association and its key into a struct with #[derive(Embedded)]",
                "a variant takes no `BelongsTo`",
                "`embed` is for fields of a struct",
            ],
        );
    }
}
