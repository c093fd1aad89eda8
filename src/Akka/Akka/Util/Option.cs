namespace Akka.Util;

/// <summary>A value or none.</summary>
public readonly struct Option<T>
{
    public static readonly Option<T> None;

    public Option(T value)
    {
        Value = value;
        HasValue = value is not null;
    }

    public bool HasValue { get; }

    public bool IsEmpty => !HasValue;

    public T Value { get; }

    public static Option<T> Create(T value) => new(value);

    public static implicit operator Option<T>(T value) => new(value);

    public Option<TNew> Select<TNew>(Func<T, TNew> selector) => HasValue ? selector(Value) : Option<TNew>.None;

    public Option<TNew> FlatSelect<TNew>(Func<T, Option<TNew>> mapper) => HasValue ? mapper(Value) : Option<TNew>.None;

    public T GetOrElse(T fallbackValue) => HasValue ? Value : fallbackValue;

    public void OnSuccess(Action<T> action)
    {
        if (HasValue) action(Value);
    }

    public bool Equals(Option<T> other) => HasValue == other.HasValue && EqualityComparer<T>.Default.Equals(Value, other.Value);

    public override bool Equals(object obj) => obj is Option<T> other && Equals(other);

    public override int GetHashCode() => HasValue ? Value.GetHashCode() : 0;

    public static bool operator ==(Option<T> left, Option<T> right) => left.Equals(right);

    public static bool operator !=(Option<T> left, Option<T> right) => !left.Equals(right);

    public override string ToString() => HasValue ? $"Some<{Value}>" : "None";
}

/// <summary>A value or the exception there was instead.</summary>
public readonly struct Result<T> : IEquatable<Result<T>>
{
    public readonly bool IsSuccess;
    public readonly T Value;
    public readonly Exception Exception;

    public Result(T value)
    {
        IsSuccess = true;
        Value = value;
    }

    public Result(Exception exception) => Exception = exception;

    public bool Equals(Result<T> other) => IsSuccess == other.IsSuccess && EqualityComparer<T>.Default.Equals(Value, other.Value) && Equals(Exception, other.Exception);

    public override bool Equals(object obj) => obj is Result<T> other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(IsSuccess, Value, Exception);

    public static bool operator ==(Result<T> left, Result<T> right) => left.Equals(right);

    public static bool operator !=(Result<T> left, Result<T> right) => !left.Equals(right);

    public override string ToString() => IsSuccess ? $"Success ({Value})" : $"Failure ({Exception})";
}

/// <summary>Makes results.</summary>
public static class Result
{
    public static Result<T> Success<T>(T value) => new(value);

    public static Result<T> Failure<T>(Exception exception) => new(exception);

    public static Result<T> FromTask<T>(Task<T> task)
    {
        if (!task.IsCompleted) throw new ArgumentException("Task is not completed. Result.FromTask only accepts completed tasks.", nameof(task));
        return task.Exception is not null ? Failure<T>(task.Exception) : task.IsCanceled ? Failure<T>(new TaskCanceledException(task)) : Success(task.Result);
    }

    public static Result<T> From<T>(Func<T> func)
    {
        try { return new Result<T>(func()); }
        catch (Exception e) { return new Result<T>(e); }
    }
}

/// <summary>A reference that is read and exchanged atomically.</summary>
public class AtomicReference<T> where T : class
{
    protected T atomicValue;

    public AtomicReference() { }

    public AtomicReference(T originalValue) => atomicValue = originalValue;

    public T Value
    {
        get => Volatile.Read(ref atomicValue);
        set => Volatile.Write(ref atomicValue, value);
    }

    public bool CompareAndSet(T expected, T newValue) => ReferenceEquals(Interlocked.CompareExchange(ref atomicValue, newValue, expected), expected);

    public T GetAndSet(T newValue) => Interlocked.Exchange(ref atomicValue, newValue);

    public static implicit operator T(AtomicReference<T> atomicReference) => atomicReference.Value;
}

/// <summary>A flag that is read and exchanged atomically.</summary>
public class AtomicBoolean
{
    private int _value;

    public AtomicBoolean(bool initialValue = false) => _value = initialValue ? 1 : 0;

    public bool Value
    {
        get => Volatile.Read(ref _value) == 1;
        set => Volatile.Write(ref _value, value ? 1 : 0);
    }

    public bool CompareAndSet(bool expected, bool newValue)
    {
        var from = expected ? 1 : 0;
        return Interlocked.CompareExchange(ref _value, newValue ? 1 : 0, from) == from;
    }

    public bool GetAndSet(bool newValue) => Interlocked.Exchange(ref _value, newValue ? 1 : 0) == 1;

    public static implicit operator bool(AtomicBoolean atomicBoolean) => atomicBoolean.Value;
}
