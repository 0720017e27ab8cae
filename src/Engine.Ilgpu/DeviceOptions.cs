namespace IlgpuSpp;

/// <summary>The number format in which a device multiplies matrices. Sums are always 32-bit floats.</summary>
public enum Precision
{
    /// <summary><see cref="Tf32"/> on CUDA cards that have it (compute capability 8.0 and later), <see cref="Fp32"/> elsewhere.</summary>
    Auto,

    /// <summary>32-bit floats throughout: relative error of a product about 6e-8.</summary>
    Fp32,

    /// <summary>Factors rounded to 10 bits of mantissa, as PyTorch's <c>allow_tf32</c>: relative error of a product about 1e-3.</summary>
    Tf32,

    /// <summary>Factors rounded to 7 bits of mantissa: relative error of a product about 8e-3.</summary>
    Bf16,
}

/// <summary>How a device is opened.</summary>
public sealed record DeviceOptions
{
    /// <summary>Worker threads of the <c>cpu</c> device, the caller's included; 0 means one for each processor. Other devices have no use for it.</summary>
    public int Threads { get; init; }

    /// <summary>The format in which convolutions and matrix products multiply. Devices other than CUDA cards have <see cref="Precision.Fp32"/> alone and refuse the others.</summary>
    public Precision Precision { get; init; }

    /// <summary>Convolutions are computed as plain sums of products, without the Winograd transform. Only the <c>cpu</c> device has that transform.</summary>
    public bool ExactConvolution { get; init; }

    /// <summary>
    /// The same bits with every instruction set of x86-64 processors, slower: <see cref="Engine.Cpu.CpuOptions.DeterministicExact"/>.
    /// Only the <c>cpu</c> device has it: the others refuse it, and <c>auto</c> stands for <c>cpu</c>.
    /// </summary>
    public bool DeterministicExact { get; init; }

    /// <summary>The most device memory in bytes that tensors may hold, 0 for all there is. The <c>cpu</c> device is not capped.</summary>
    public long MemoryCap { get; init; }
}
