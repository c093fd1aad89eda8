using FsCheck;
using FsCheck.Fluent;

namespace Actors.Protocol.Tests;

/// <summary>How often properties are tried; a failure throws with its shrunk counterexample and the seed to replay.</summary>
internal static class Properties
{
    public static void Hold<T>(Gen<T> cases, Action<T> check, int times = 200) =>
        Prop.ForAll(Arb.From(cases), check).Check(Config.QuickThrowOnFailure.WithMaxTest(times));

    public static Gen<T> Any<T>() => ArbMap.Default.GeneratorFor<T>();

    public static Gen<byte[]> Bytes(int longest) =>
        from length in Gen.Choose(0, longest)
        from bytes in Gen.ArrayOf(Any<byte>(), length)
        select bytes;
}
