using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Actors.Expressions.Compilation;

/// <summary>
/// COUNT_DISTINCT: exact up to 256 values, by their 64-bit hashes; beyond, as in ksqlDB, an estimate: HyperLogLog of 4,096 registers, whose
/// standard error is 1.6 %. Nulls do not count.
/// </summary>
internal sealed class CountDistinctAggregate : IAggregate
{
    private const int MaximumExact = 256;
    private const int IndexBits = 12;
    private const int Registers = 1 << IndexBits;
    private const byte ExactForm = 0, EstimateForm = 1;

    private readonly List<ulong> _hashes = [];
    private byte[]? _registers;

    public void Reset()
    {
        _hashes.Clear();
        _registers = null;
    }

    public void Read(ref StateReader state)
    {
        Reset();
        if (state.Byte() == EstimateForm)
        {
            _registers = state.Bytes().ToArray();
            if (_registers.Length != Registers) throw new InvalidDataException($"COUNT_DISTINCT's state has {_registers.Length} registers, not {Registers}");
            return;
        }
        for (var left = state.Count(); left > 0; left--) _hashes.Add((ulong)state.Long());
    }

    public void Write(StateWriter state)
    {
        state.Byte(_registers is null ? ExactForm : EstimateForm);
        if (_registers is not null)
        {
            state.Bytes(_registers);
            return;
        }
        state.Count(_hashes.Count);
        foreach (var hash in _hashes) state.Long((long)hash);
    }

    public bool CanRemove => false;
    public void Remove(in Value value) => throw new NotSupportedException("COUNT_DISTINCT cannot take a value out");
    public Value Result() => Value.Of(_registers is null ? _hashes.Count : Estimate(_registers));

    public void Add(in Value value)
    {
        if (value.IsNull) return;
        var hash = Hash(value);
        if (_registers is not null)
        {
            Register(_registers, hash);
            return;
        }
        var at = _hashes.BinarySearch(hash);
        if (at >= 0) return;
        _hashes.Insert(~at, hash);
        if (_hashes.Count <= MaximumExact) return;
        _registers = new byte[Registers];
        foreach (var known in _hashes) Register(_registers, known);
        _hashes.Clear();
    }

    private static void Register(byte[] registers, ulong hash)
    {
        ref var register = ref registers[hash >> (64 - IndexBits)];
        register = Math.Max(register, (byte)Math.Min(BitOperations.LeadingZeroCount(hash << IndexBits) + 1, 64 - IndexBits + 1));
    }

    private static long Estimate(byte[] registers)
    {
        double sum = 0;
        var empty = 0;
        foreach (var register in registers)
        {
            sum += Math.ScaleB(1, -register);
            if (register == 0) empty++;
        }
        var raw = 0.7213 / (1 + 1.079 / Registers) * Registers * Registers / sum;
        return (long)Math.Round(raw <= 2.5 * Registers && empty > 0 ? Registers * Math.Log((double)Registers / empty) : raw);
    }

    // FNV-1a with Murmur3's finish: the hash is part of the stored state, so it must never change.
    private static ulong Hash(in Value value)
    {
        Span<byte> number = stackalloc byte[8];
        scoped ReadOnlySpan<byte> bytes;
        switch (value.Kind)
        {
            case ValueKind.Long:
                BinaryPrimitives.WriteInt64BigEndian(number, value.AsLong);
                bytes = number;
                break;
            case ValueKind.Double:
                // 1.0 is 1.
                if (Casting.Truncated(value.AsDouble) is { IsNull: false } whole && whole.AsLong == value.AsDouble) BinaryPrimitives.WriteInt64BigEndian(number, whole.AsLong);
                else BinaryPrimitives.WriteDoubleBigEndian(number, value.AsDouble);
                bytes = number;
                break;
            case ValueKind.String or ValueKind.Bytes: bytes = value.AsBytes; break;
            default: bytes = Encoding.UTF8.GetBytes(JsonText.ToJson(value)); break;
        }
        var hash = 14695981039346656037UL;
        foreach (var b in bytes) hash = (hash ^ b) * 1099511628211UL;
        hash ^= value.IsNumber ? (ulong)ValueKind.Long : (ulong)value.Kind;
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdUL;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53UL;
        return hash ^ (hash >> 33);
    }
}
