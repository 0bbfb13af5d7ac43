//! The macro `migration!`.

/// A migration in Rust: a unit struct that a runner takes.
///
/// `|m|` says the change; the way back follows from it. Where it cannot, write `up: |m| .., down: |m| ..`. Before the
/// closure may stand `no_transaction`, and `lock_timeout = Duration`. Inside, the names of
/// [`dsl::prelude`](crate::dsl::prelude) are known: `Cascade`, `Desc`, `ColumnType` and so on.
///
/// # Examples
///
/// ```
/// use peristyle_migrate::dsl::RustMigration;
/// use peristyle_migrate::migration;
///
/// migration!(20261122143000, CreatePosts, |m| {
///     m.create_table("posts", |t| {
///         t.id();
///         t.string("title").size(160).not_null();
///         t.references("users").column("author_id").not_null().on_delete(Cascade);
///         t.timestamps();
///     });
/// });
/// migration!(20261122143100, IndexPosts, no_transaction, |m| {
///     m.create_index("posts", ["author_id"]).concurrently();
/// });
///
/// assert_eq!(CreatePosts.record()?.down.map(|steps| steps.len()), Ok(1));
/// assert!(!IndexPosts.transaction());
/// # Ok::<(), peristyle_migrate::dsl::DslError>(())
/// ```
#[macro_export]
macro_rules! migration {
    (@define [$transaction:expr] [$timeout:expr] $version:literal, $name:ident, no_transaction, $($rest:tt)+) => {
        $crate::migration!(@define [false] [$timeout] $version, $name, $($rest)+);
    };
    (@define [$transaction:expr] [$timeout:expr] $version:literal, $name:ident, lock_timeout = $wait:expr, $($rest:tt)+) => {
        $crate::migration!(@define [$transaction] [::core::option::Option::Some($wait)] $version, $name, $($rest)+);
    };
    (@define [$transaction:expr] [$timeout:expr] $version:literal, $name:ident, up: $up:expr, down: $down:expr $(,)?) => {
        $crate::migration!(@item [$transaction] [$timeout] $version, $name, record_both, $up, $down);
    };
    (@define [$transaction:expr] [$timeout:expr] $version:literal, $name:ident, $change:expr $(,)?) => {
        $crate::migration!(@item [$transaction] [$timeout] $version, $name, record, $change);
    };
    (@item [$transaction:expr] [$timeout:expr] $version:literal, $name:ident, $record:ident, $($body:expr),+) => {
        #[doc = concat!("The migration `", stringify!($name), "`.")]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl $crate::dsl::RustMigration for $name {
            fn version(&self) -> u64 {
                $version
            }

            fn name(&self) -> &'static str {
                stringify!($name)
            }

            fn transaction(&self) -> bool {
                $transaction
            }

            fn lock_timeout(&self) -> ::core::option::Option<::core::time::Duration> {
                $timeout
            }

            fn record(&self) -> ::core::result::Result<$crate::dsl::Recorded, $crate::dsl::DslError> {
                #[allow(unused_imports)]
                use $crate::dsl::prelude::*;
                let settings = $crate::dsl::Settings {
                    version: $version,
                    name: stringify!($name),
                    transaction: $transaction,
                };
                $crate::dsl::$record(&settings, $($body),+)
            }
        }
    };
    ($version:literal, $name:ident, $($rest:tt)+) => {
        $crate::migration!(@define [true] [::core::option::Option::None] $version, $name, $($rest)+);
    };
}
