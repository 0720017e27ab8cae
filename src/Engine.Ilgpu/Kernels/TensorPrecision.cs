namespace IlgpuSpp.Engine.Ilgpu.Kernels;

/// <summary>The number format of a tensor-core product.</summary>
internal interface ITensorPrecision
{
    /// <summary>Whether two factors share a word (bf16); false: one (tf32).</summary>
    static abstract bool Pairs { get; }
}

/// <summary>10 bits of mantissa, rounded to nearest.</summary>
internal struct Tf32 : ITensorPrecision
{
    public static bool Pairs => false;
}

/// <summary>7 bits of mantissa, rounded to nearest even.</summary>
internal struct Bf16 : ITensorPrecision
{
    public static bool Pairs => true;
}
