using System.Runtime.Intrinsics;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>Four floats.</summary>
internal readonly unsafe struct Lanes128<TRounding>(Vector128<float> value) : ILanes<Lanes128<TRounding>>
    where TRounding : struct, IRounding
{
    private readonly Vector128<float> _value = value;

    public static bool Fuses => TRounding.Once;

    public static int Count => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> Load(float* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> Splat(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> SplatBits(int value) => new(Vector128.Create(value).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => _value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> operator +(Lanes128<TRounding> a, Lanes128<TRounding> b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> operator -(Lanes128<TRounding> a, Lanes128<TRounding> b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> operator *(Lanes128<TRounding> a, Lanes128<TRounding> b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> operator /(Lanes128<TRounding> a, Lanes128<TRounding> b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> MultiplyAdd(Lanes128<TRounding> a, Lanes128<TRounding> b, Lanes128<TRounding> c) =>
        new(TRounding.Once ? Vector128.MultiplyAddEstimate(a._value, b._value, c._value) : a._value * b._value + c._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> AtLeast(Lanes128<TRounding> floor, Lanes128<TRounding> a) => new(Vector128.Max(a._value, floor._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> operator &(Lanes128<TRounding> a, Lanes128<TRounding> b) => new(a._value & b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> operator |(Lanes128<TRounding> a, Lanes128<TRounding> b) => new(a._value | b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> operator ^(Lanes128<TRounding> a, Lanes128<TRounding> b) => new(a._value ^ b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> AndNot(Lanes128<TRounding> a, Lanes128<TRounding> b) => new(Vector128.AndNot(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> Sqrt(Lanes128<TRounding> a) => new(Vector128.Sqrt(a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> MaxNative(Lanes128<TRounding> a, Lanes128<TRounding> b) => new(Vector128.MaxNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> MinNative(Lanes128<TRounding> a, Lanes128<TRounding> b) => new(Vector128.MinNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> Less(Lanes128<TRounding> a, Lanes128<TRounding> b) => new(Vector128.LessThan(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> LessOrEqual(Lanes128<TRounding> a, Lanes128<TRounding> b) => new(Vector128.LessThanOrEqual(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> Equal(Lanes128<TRounding> a, Lanes128<TRounding> b) => new(Vector128.Equals(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> EqualBits(Lanes128<TRounding> a, Lanes128<TRounding> b) =>
        new(Vector128.Equals(a._value.AsInt32(), b._value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> LessBits(Lanes128<TRounding> a, Lanes128<TRounding> b) =>
        new(Vector128.LessThan(a._value.AsInt32(), b._value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> Select(Lanes128<TRounding> mask, Lanes128<TRounding> a, Lanes128<TRounding> b) =>
        new(Vector128.ConditionalSelect(mask._value, a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> AddBits(Lanes128<TRounding> a, Lanes128<TRounding> b) => new((a._value.AsInt32() + b._value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> SubtractBits(Lanes128<TRounding> a, Lanes128<TRounding> b) => new((a._value.AsInt32() - b._value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> ShiftLeftBits(Lanes128<TRounding> a, int count) => new((a._value.AsInt32() << count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> ShiftRightBits(Lanes128<TRounding> a, int count) => new((a._value.AsInt32() >>> count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> ShiftRightSignedBits(Lanes128<TRounding> a, int count) => new((a._value.AsInt32() >> count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> BitsToFloat(Lanes128<TRounding> a) => new(Vector128.ConvertToSingle(a._value.AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128<TRounding> FloatToBits(Lanes128<TRounding> a) => new(Vector128.ConvertToInt32Native(a._value).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => Vector128.Sum(_value);
}
