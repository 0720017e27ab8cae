using System.Numerics;
using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu;

/// <summary>
/// Division of numbers below 2³¹ by a fixed divisor as a multiplication and a shift (Granlund and Montgomery, "Division
/// by invariant integers using multiplication", 1994): with s = ⌈log₂ d⌉ and m = ⌈2^(31+s)/d⌉, n / d = n·m ≫ (31 + s).
/// </summary>
internal struct FastDivisor
{
    public int Divisor;
    private uint _multiplier;
    private int _shift;

    /// <summary>Prepares the division, on the host.</summary>
    /// <param name="divisor">At least 1.</param>
    public static FastDivisor Of(int divisor)
    {
        int log = 32 - BitOperations.LeadingZeroCount((uint)divisor - 1);
        ulong power = 1UL << (31 + log);
        return new FastDivisor { Divisor = divisor, _multiplier = (uint)((power + (ulong)divisor - 1) / (ulong)divisor), _shift = 31 + log };
    }

    /// <summary>The three numbers by which <see cref="Read"/> finds the division again.</summary>
    public readonly int[] Numbers => [Divisor, (int)_multiplier, _shift];

    /// <summary>A division whose numbers stand in a table, on the device.</summary>
    public static FastDivisor Read(ArrayView<int> table, int at) => new() { Divisor = table[at], _multiplier = (uint)table[at + 1], _shift = table[at + 2] };

    public int Divide(int number) => (int)(((ulong)(uint)number * _multiplier) >> _shift);
}
