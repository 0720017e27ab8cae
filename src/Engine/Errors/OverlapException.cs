namespace IlgpuSpp.Engine;

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
