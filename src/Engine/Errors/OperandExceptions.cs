namespace IlgpuSpp.Engine;

/// <summary>An operation was given tensors whose shapes do not fit together.</summary>
/// <param name="operation">The operation, e.g. <c>ConvForward</c>.</param>
/// <param name="expected">The shape the operation needs.</param>
/// <param name="actual">The shape it was given.</param>
/// <param name="reason">Which operand disagrees and why.</param>
public sealed class ShapeMismatchException(string operation, Shape expected, Shape actual, string reason)
    : IlgpuSppException($"{operation}: {reason}: expected {expected}, got {actual}.")
{
    /// <summary>The operation that was refused.</summary>
    public string Operation { get; } = operation;

    /// <summary>The shape the operation needs.</summary>
    public Shape Expected { get; } = expected;

    /// <summary>The shape it was given.</summary>
    public Shape Actual { get; } = actual;
}

/// <summary>An operation was given an output that shares memory with another operand where the contract forbids it.</summary>
/// <param name="operation">The operation, e.g. <c>ConvForward</c>.</param>
/// <param name="output">The output's shape.</param>
/// <param name="other">The shape of the operand that it overlaps.</param>
public sealed class OverlapException(string operation, Shape output, Shape other)
    : IlgpuSppException($"{operation}: the output {output} overlaps the operand {other} in memory.")
{
    /// <summary>The operation that was refused.</summary>
    public string Operation { get; } = operation;

    /// <summary>The output's shape.</summary>
    public Shape Output { get; } = output;

    /// <summary>The shape of the operand that it overlaps.</summary>
    public Shape Other { get; } = other;
}

/// <summary>A map is too small for a window that has to fit into it.</summary>
/// <param name="operation">The operation or network that refuses the input.</param>
/// <param name="height">Height of the input in pixels or map rows.</param>
/// <param name="width">Width of the input in pixels or map columns.</param>
/// <param name="minimumHeight">Smallest height that works.</param>
/// <param name="minimumWidth">Smallest width that works.</param>
public sealed class InputTooSmallException(string operation, int height, int width, int minimumHeight, int minimumWidth)
    : IlgpuSppException($"{operation}: an input of {width}x{height} is too small; the smallest that works is {minimumWidth}x{minimumHeight} (width x height).")
{
    /// <summary>The operation or network that refuses the input.</summary>
    public string Operation { get; } = operation;

    /// <summary>Height of the refused input.</summary>
    public int Height { get; } = height;

    /// <summary>Width of the refused input.</summary>
    public int Width { get; } = width;

    /// <summary>Smallest height that works.</summary>
    public int MinimumHeight { get; } = minimumHeight;

    /// <summary>Smallest width that works.</summary>
    public int MinimumWidth { get; } = minimumWidth;
}
