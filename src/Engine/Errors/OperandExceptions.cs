namespace IlgpuSpp.Engine;

/// <summary>An operation was given tensors whose shapes do not fit together.</summary>
public sealed class ShapeMismatchException : IlgpuSppException
{
    /// <summary>Creates the exception for one operation and the two shapes that disagree.</summary>
    /// <param name="operation">The operation, e.g. <c>ConvForward</c>.</param>
    /// <param name="expected">The shape the operation needs.</param>
    /// <param name="actual">The shape it was given.</param>
    /// <param name="reason">Which operand disagrees and why.</param>
    public ShapeMismatchException(string operation, Shape expected, Shape actual, string reason)
        : base($"{operation}: {reason}: expected {expected}, got {actual}.")
    {
        Operation = operation;
        Expected = expected;
        Actual = actual;
    }

    /// <summary>The operation that was refused.</summary>
    public string Operation { get; }

    /// <summary>The shape the operation needs.</summary>
    public Shape Expected { get; }

    /// <summary>The shape it was given.</summary>
    public Shape Actual { get; }
}

/// <summary>An operation was given an output that shares memory with another operand where the contract forbids it.</summary>
public sealed class OverlapException : IlgpuSppException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="operation">The operation, e.g. <c>ConvForward</c>.</param>
    /// <param name="output">The output's shape.</param>
    /// <param name="other">The shape of the operand that it overlaps.</param>
    public OverlapException(string operation, Shape output, Shape other)
        : base($"{operation}: the output {output} overlaps the operand {other} in memory.")
    {
        Operation = operation;
        Output = output;
        Other = other;
    }

    /// <summary>The operation that was refused.</summary>
    public string Operation { get; }

    /// <summary>The output's shape.</summary>
    public Shape Output { get; }

    /// <summary>The shape of the operand that it overlaps.</summary>
    public Shape Other { get; }
}

/// <summary>A map is too small for a window that has to fit into it.</summary>
public sealed class InputTooSmallException : IlgpuSppException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="operation">The operation or network that refuses the input.</param>
    /// <param name="height">Height of the input in pixels or map rows.</param>
    /// <param name="width">Width of the input in pixels or map columns.</param>
    /// <param name="minimumHeight">Smallest height that works.</param>
    /// <param name="minimumWidth">Smallest width that works.</param>
    public InputTooSmallException(string operation, int height, int width, int minimumHeight, int minimumWidth)
        : base($"{operation}: an input of {width}x{height} is too small; the smallest that works is {minimumWidth}x{minimumHeight} (width x height).")
    {
        Operation = operation;
        Height = height;
        Width = width;
        MinimumHeight = minimumHeight;
        MinimumWidth = minimumWidth;
    }

    /// <summary>The operation or network that refuses the input.</summary>
    public string Operation { get; }

    /// <summary>Height of the refused input.</summary>
    public int Height { get; }

    /// <summary>Width of the refused input.</summary>
    public int Width { get; }

    /// <summary>Smallest height that works.</summary>
    public int MinimumHeight { get; }

    /// <summary>Smallest width that works.</summary>
    public int MinimumWidth { get; }
}
