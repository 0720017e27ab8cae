using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// Copies of short runs of floats, a few to a few hundred: a call into the runtime's own copy costs as much as the copy.
/// Nothing is read or written outside the run; its end is covered by a vector that overlaps the one before.
/// </summary>
internal static unsafe class RunCopy
{
    /// <summary>destination[0..length) = source[0..length).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(float* source, float* destination, int length)
    {
        if (length is >= 16 and <= 32)
        {
            float* fromEnd = source + length - 16, toEnd = destination + length - 16;
            Vector256<float> v0 = Vector256.Load(source), v1 = Vector256.Load(source + 8), v2 = Vector256.Load(fromEnd), v3 = Vector256.Load(fromEnd + 8);
            Vector256.Store(v0, destination);
            Vector256.Store(v1, destination + 8);
            Vector256.Store(v2, toEnd);
            Vector256.Store(v3, toEnd + 8);
        }
        else if (length >= 8)
        {
            int last = length - 8;
            for (int i = 0; i < last; i += 8) Vector256.Store(Vector256.Load(source + i), destination + i);
            Vector256.Store(Vector256.Load(source + last), destination + last);
        }
        else if (length >= 4)
        {
            Vector128<float> head = Vector128.Load(source), tail = Vector128.Load(source + length - 4);
            Vector128.Store(head, destination);
            Vector128.Store(tail, destination + length - 4);
        }
        else
        {
            for (int i = 0; i < length; i++) destination[i] = source[i];
        }
    }

    /// <summary>destination[0..length) = 0. A length of 0 or less does nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Zero(float* destination, int length)
    {
        int i = 0;
        for (; i <= length - 8; i += 8) Vector256.Store(Vector256<float>.Zero, destination + i);
        for (; i < length; i++) destination[i] = 0;
    }
}
