using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>Sixteen floats.</summary>
internal readonly unsafe struct Lanes512<TRounding>(Vector512<float> value) : ILanes<Lanes512<TRounding>>
    where TRounding : struct, IRounding
{
    private readonly Vector512<float> _value = value;

    public static bool Fuses => TRounding.Once;

    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> Splat(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> SplatBits(int value) => new(Vector512.Create(value).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => _value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> operator +(Lanes512<TRounding> a, Lanes512<TRounding> b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> operator -(Lanes512<TRounding> a, Lanes512<TRounding> b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> operator *(Lanes512<TRounding> a, Lanes512<TRounding> b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> operator /(Lanes512<TRounding> a, Lanes512<TRounding> b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> MultiplyAdd(Lanes512<TRounding> a, Lanes512<TRounding> b, Lanes512<TRounding> c) =>
        new(TRounding.Once ? Avx512F.FusedMultiplyAdd(a._value, b._value, c._value) : a._value * b._value + c._value);

    // The instruction returns its second operand where one is NaN.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> AtLeast(Lanes512<TRounding> floor, Lanes512<TRounding> a) => new(Avx512F.Max(floor._value, a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> operator &(Lanes512<TRounding> a, Lanes512<TRounding> b) => new(a._value & b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> operator |(Lanes512<TRounding> a, Lanes512<TRounding> b) => new(a._value | b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> operator ^(Lanes512<TRounding> a, Lanes512<TRounding> b) => new(a._value ^ b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> AndNot(Lanes512<TRounding> a, Lanes512<TRounding> b) => new(Vector512.AndNot(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> Sqrt(Lanes512<TRounding> a) => new(Vector512.Sqrt(a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> MaxNative(Lanes512<TRounding> a, Lanes512<TRounding> b) => new(Vector512.MaxNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> MinNative(Lanes512<TRounding> a, Lanes512<TRounding> b) => new(Vector512.MinNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> Less(Lanes512<TRounding> a, Lanes512<TRounding> b) => new(Vector512.LessThan(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> LessOrEqual(Lanes512<TRounding> a, Lanes512<TRounding> b) => new(Vector512.LessThanOrEqual(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> Equal(Lanes512<TRounding> a, Lanes512<TRounding> b) => new(Vector512.Equals(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> EqualBits(Lanes512<TRounding> a, Lanes512<TRounding> b) =>
        new(Vector512.Equals(a._value.AsInt32(), b._value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> LessBits(Lanes512<TRounding> a, Lanes512<TRounding> b) =>
        new(Vector512.LessThan(a._value.AsInt32(), b._value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> Select(Lanes512<TRounding> mask, Lanes512<TRounding> a, Lanes512<TRounding> b) =>
        new(Vector512.ConditionalSelect(mask._value, a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> AddBits(Lanes512<TRounding> a, Lanes512<TRounding> b) => new((a._value.AsInt32() + b._value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> SubtractBits(Lanes512<TRounding> a, Lanes512<TRounding> b) => new((a._value.AsInt32() - b._value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> ShiftLeftBits(Lanes512<TRounding> a, int count) => new((a._value.AsInt32() << count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> ShiftRightBits(Lanes512<TRounding> a, int count) => new((a._value.AsInt32() >>> count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> ShiftRightSignedBits(Lanes512<TRounding> a, int count) => new((a._value.AsInt32() >> count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> BitsToFloat(Lanes512<TRounding> a) => new(Vector512.ConvertToSingle(a._value.AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512<TRounding> FloatToBits(Lanes512<TRounding> a) => new(Vector512.ConvertToInt32Native(a._value).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => Vector512.Sum(_value);
}
