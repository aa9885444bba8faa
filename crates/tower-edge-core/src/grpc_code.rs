/// The [status codes of gRPC](https://grpc.io/docs/guides/status-codes/) that an error can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum GrpcCode {
    /// The caller cancelled the call.
    Cancelled = 1,
    /// Nothing better is known.
    Unknown = 2,
    /// An argument is not valid, whatever the state of the system.
    InvalidArgument = 3,
    /// The deadline passed before the call was complete.
    DeadlineExceeded = 4,
    /// There is no such entity.
    NotFound = 5,
    /// The entity to be created exists.
    AlreadyExists = 6,
    /// The caller may not do this.
    PermissionDenied = 7,
    /// A limit or a resource is used up.
    ResourceExhausted = 8,
    /// The system is not in the state that the call needs.
    FailedPrecondition = 9,
    /// The call was aborted, typically by a conflict.
    Aborted = 10,
    /// The call went past the valid range.
    OutOfRange = 11,
    /// There is no such method.
    Unimplemented = 12,
    /// An invariant of the system is broken.
    Internal = 13,
    /// The service cannot answer now.
    Unavailable = 14,
    /// Data is lost for good.
    DataLoss = 15,
    /// The caller is not known.
    Unauthenticated = 16,
}

impl GrpcCode {
    /// The number that goes into `grpc-status`.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}
