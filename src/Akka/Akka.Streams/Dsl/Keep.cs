namespace Akka.Streams.Dsl;

/// <summary>Which value of two parts in a row the whole gives.</summary>
public static class Keep
{
    public static TLeft Left<TLeft, TRight>(TLeft left, TRight right) => left;
    public static TRight Right<TLeft, TRight>(TLeft left, TRight right) => right;
    public static (TLeft, TRight) Both<TLeft, TRight>(TLeft left, TRight right) => (left, right);
    public static NotUsed None<TLeft, TRight>(TLeft left, TRight right) => NotUsed.Instance;
}
