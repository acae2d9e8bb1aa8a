using FedValue.Protocol.Safetensors;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Federation.Rounds;

/// <summary>
/// The errors of a method's values as a blob, F64, only what there is: <c>sampling_standard_error</c> [n], <c>validation_standard_error</c>
/// [n], <c>interval</c> [n, 2] (95 %), <c>replicates</c> [blocks, n], and for the mean over a pool <c>member_values</c> [members, n] and
/// <c>member_standard_deviation</c> [n].
/// </summary>
static class EstimateBlob
{
    public static byte[] Write(Estimate estimate)
    {
        int n = estimate.Values.Count;
        var tensors = new List<Tensor>();
        if (estimate.IsSampled)
            tensors.Add(Tensor.OfDoubles("sampling_standard_error", [n], [.. estimate.SamplingErrors]));
        if (estimate.UsesValidation)
        {
            tensors.Add(Tensor.OfDoubles("validation_standard_error", [n], [.. estimate.ValidationErrors]));
            tensors.Add(Tensor.OfDoubles("replicates", [estimate.Replicates.Count, n], [.. estimate.Replicates.SelectMany(r => r)]));
        }
        if (estimate.HasInterval)
        {
            tensors.Add(Tensor.OfDoubles("interval", [n, 2],
                [.. Enumerable.Range(0, n).SelectMany(j => new[] { estimate.Interval(j)!.Value.Low, estimate.Interval(j)!.Value.High })]));
        }
        if (estimate.MemberValues.Count > 0)
            tensors.Add(Tensor.OfDoubles("member_values", [estimate.MemberValues.Count, n], [.. estimate.MemberValues.SelectMany(m => m)]));
        if (estimate.HasSpread)
            tensors.Add(Tensor.OfDoubles("member_standard_deviation", [n], [.. estimate.MemberDeviations]));
        return SafetensorsWriter.Write(tensors);
    }

    public static Estimate Read(double[] values, byte[] blob)
    {
        SafetensorsFile file = SafetensorsFile.Read(blob);
        double[][] replicates = Rows(file, "replicates", values.Length), members = Rows(file, "member_values", values.Length);
        Estimate estimate = file.TryGet("sampling_standard_error", out Tensor? errors)
            ? Estimate.Sampled(values, errors.AsDoubles(), replicates)
            : replicates.Length > 0 ? Estimate.FromValidation(values, replicates) : Estimate.WithoutInterval(values);
        return members.Length == 0 ? estimate : estimate.OverMembers(members);
    }

    static double[][] Rows(SafetensorsFile file, string name, int width)
    {
        if (!file.TryGet(name, out Tensor? stored))
            return [];
        double[] flat = stored.AsDoubles();
        return [.. Enumerable.Range(0, (int)stored.Shape[0]).Select(r => flat[(r * width)..((r + 1) * width)])];
    }
}
