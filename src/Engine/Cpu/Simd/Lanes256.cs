using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>Eight floats.</summary>
internal readonly unsafe struct Lanes256<TRounding>(Vector256<float> value) : ILanes<Lanes256<TRounding>>
    where TRounding : struct, IRounding
{
    private readonly Vector256<float> _value = value;

    public static bool Fuses => TRounding.Once;

    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> Load(float* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> Splat(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> SplatBits(int value) => new(Vector256.Create(value).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => _value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> operator +(Lanes256<TRounding> a, Lanes256<TRounding> b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> operator -(Lanes256<TRounding> a, Lanes256<TRounding> b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> operator *(Lanes256<TRounding> a, Lanes256<TRounding> b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> operator /(Lanes256<TRounding> a, Lanes256<TRounding> b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> MultiplyAdd(Lanes256<TRounding> a, Lanes256<TRounding> b, Lanes256<TRounding> c) =>
        new(TRounding.Once ? Fma.MultiplyAdd(a._value, b._value, c._value) : a._value * b._value + c._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> AtLeast(Lanes256<TRounding> floor, Lanes256<TRounding> a) => new(Avx.Max(floor._value, a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> operator &(Lanes256<TRounding> a, Lanes256<TRounding> b) => new(a._value & b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> operator |(Lanes256<TRounding> a, Lanes256<TRounding> b) => new(a._value | b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> operator ^(Lanes256<TRounding> a, Lanes256<TRounding> b) => new(a._value ^ b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> AndNot(Lanes256<TRounding> a, Lanes256<TRounding> b) => new(Vector256.AndNot(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> Sqrt(Lanes256<TRounding> a) => new(Vector256.Sqrt(a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> MaxNative(Lanes256<TRounding> a, Lanes256<TRounding> b) => new(Vector256.MaxNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> MinNative(Lanes256<TRounding> a, Lanes256<TRounding> b) => new(Vector256.MinNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> Less(Lanes256<TRounding> a, Lanes256<TRounding> b) => new(Vector256.LessThan(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> LessOrEqual(Lanes256<TRounding> a, Lanes256<TRounding> b) => new(Vector256.LessThanOrEqual(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> Equal(Lanes256<TRounding> a, Lanes256<TRounding> b) => new(Vector256.Equals(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> EqualBits(Lanes256<TRounding> a, Lanes256<TRounding> b) =>
        new(Vector256.Equals(a._value.AsInt32(), b._value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> LessBits(Lanes256<TRounding> a, Lanes256<TRounding> b) =>
        new(Vector256.LessThan(a._value.AsInt32(), b._value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> Select(Lanes256<TRounding> mask, Lanes256<TRounding> a, Lanes256<TRounding> b) =>
        new(Vector256.ConditionalSelect(mask._value, a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> AddBits(Lanes256<TRounding> a, Lanes256<TRounding> b) => new((a._value.AsInt32() + b._value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> SubtractBits(Lanes256<TRounding> a, Lanes256<TRounding> b) => new((a._value.AsInt32() - b._value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> ShiftLeftBits(Lanes256<TRounding> a, int count) => new((a._value.AsInt32() << count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> ShiftRightBits(Lanes256<TRounding> a, int count) => new((a._value.AsInt32() >>> count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> ShiftRightSignedBits(Lanes256<TRounding> a, int count) => new((a._value.AsInt32() >> count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> BitsToFloat(Lanes256<TRounding> a) => new(Vector256.ConvertToSingle(a._value.AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256<TRounding> FloatToBits(Lanes256<TRounding> a) => new(Vector256.ConvertToInt32Native(a._value).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => Vector256.Sum(_value);
}
