namespace ILGPU;

/// <summary>Reinterprets bits.</summary>
public static class Interop
{
    /// <summary>The bits of a float.</summary>
    /// <param name="value">The float.</param>
    public static uint FloatAsInt(float value) => BitConverter.SingleToUInt32Bits(value);

    /// <summary>The float of some bits.</summary>
    /// <param name="value">The bits.</param>
    public static float IntAsFloat(uint value) => BitConverter.UInt32BitsToSingle(value);
}

/// <summary>A kernel that cannot be compiled; the stand-in compiles none.</summary>
public sealed class InternalCompilerException : Exception
{
    /// <summary>Creates the exception.</summary>
    public InternalCompilerException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What went wrong.</param>
    public InternalCompilerException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What went wrong.</param>
    /// <param name="inner">Its cause.</param>
    public InternalCompilerException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
