namespace IlgpuSpp.Engine.Cpu;

/// <summary>A single float: the level without vectors, and what is left over at the end of every vector loop.</summary>
internal readonly unsafe struct LanesScalar(float value) : ILanes<LanesScalar>
{
    private readonly float _value = value;

    public static bool Fuses => false;

    public static int Count => 1;

    private int Bits => BitConverter.SingleToInt32Bits(_value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Load(float* source) => new(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Splat(float value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar SplatBits(int value) => new(BitConverter.Int32BitsToSingle(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => *target = _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar operator +(LanesScalar a, LanesScalar b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar operator -(LanesScalar a, LanesScalar b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar operator *(LanesScalar a, LanesScalar b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar operator /(LanesScalar a, LanesScalar b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar MultiplyAdd(LanesScalar a, LanesScalar b, LanesScalar c) => new(a._value * b._value + c._value);

    // Written so that NaN falls through to the value itself.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar AtLeast(LanesScalar floor, LanesScalar a) => a._value < floor._value ? floor : a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar operator &(LanesScalar a, LanesScalar b) => SplatBits(a.Bits & b.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar operator |(LanesScalar a, LanesScalar b) => SplatBits(a.Bits | b.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar operator ^(LanesScalar a, LanesScalar b) => SplatBits(a.Bits ^ b.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar AndNot(LanesScalar a, LanesScalar b) => SplatBits(a.Bits & ~b.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Sqrt(LanesScalar a) => new(MathF.Sqrt(a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar MaxNative(LanesScalar a, LanesScalar b) => new(a._value > b._value ? a._value : b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar MinNative(LanesScalar a, LanesScalar b) => new(a._value < b._value ? a._value : b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Less(LanesScalar a, LanesScalar b) => Mask(a._value < b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar LessOrEqual(LanesScalar a, LanesScalar b) => Mask(a._value <= b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Equal(LanesScalar a, LanesScalar b) => Mask(a._value == b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar EqualBits(LanesScalar a, LanesScalar b) => Mask(a.Bits == b.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar LessBits(LanesScalar a, LanesScalar b) => Mask(a.Bits < b.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Select(LanesScalar mask, LanesScalar a, LanesScalar b) => mask.Bits != 0 ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar AddBits(LanesScalar a, LanesScalar b) => SplatBits(a.Bits + b.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar SubtractBits(LanesScalar a, LanesScalar b) => SplatBits(a.Bits - b.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar ShiftLeftBits(LanesScalar a, int count) => SplatBits(a.Bits << count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar ShiftRightBits(LanesScalar a, int count) => SplatBits(a.Bits >>> count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar ShiftRightSignedBits(LanesScalar a, int count) => SplatBits(a.Bits >> count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar BitsToFloat(LanesScalar a) => new(a.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar FloatToBits(LanesScalar a) => SplatBits((int)a._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static LanesScalar Mask(bool set) => SplatBits(set ? -1 : 0);
}
