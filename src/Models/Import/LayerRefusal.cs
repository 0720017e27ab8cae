namespace IlgpuSpp.Models;

/// <summary>Why a layer that a file asks for cannot be.</summary>
internal static class LayerRefusal
{
    /// <summary>The message as part of a sentence, without the name of the parameter in C# that means nothing to whoever wrote the file.</summary>
    public static string Reason(Exception error)
    {
        if (error is OverflowException) return "it is larger than can be counted";
        string message = error is ArgumentException { ParamName: { } name } ? error.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : error.Message;
        return message.TrimEnd('.');
    }
}
