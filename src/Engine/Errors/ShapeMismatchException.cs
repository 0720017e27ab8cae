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
