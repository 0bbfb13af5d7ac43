//! Whether an expression may be NULL, in its type.

/// Whether an expression may be NULL: [`NotNull`] or [`Null`].
pub trait Nullability: Copy + Send + Sync + 'static {
    /// `T`, or `Option<T>` if it may be NULL.
    type Out<T>;

    /// NULL if either may be.
    type Or<N: Nullability>: Nullability;

    /// Whether it may be NULL.
    const NULLABLE: bool;

    /// The value in its own type; `None` for a NULL where none may be.
    fn from_option<T>(value: Option<T>) -> Option<Self::Out<T>>;
}

/// Never NULL.
#[derive(Clone, Copy, Debug)]
pub struct NotNull;

/// Perhaps NULL.
#[derive(Clone, Copy, Debug)]
pub struct Null;

impl Nullability for NotNull {
    type Out<T> = T;
    type Or<N: Nullability> = N;
    const NULLABLE: bool = false;

    fn from_option<T>(value: Option<T>) -> Option<T> {
        value
    }
}

impl Nullability for Null {
    type Out<T> = Option<T>;
    type Or<N: Nullability> = Null;
    const NULLABLE: bool = true;

    fn from_option<T>(value: Option<T>) -> Option<Option<T>> {
        Some(value)
    }
}
